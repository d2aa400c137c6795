/**
 * `npm run fuzz`: a million malformed requests, none of which may be answered 500, hang, or leave memory behind.
 *
 * Options: --cases N, --seed N, --only KIND (of kinds.ts, or `framing`). A case that was found is run again by its kind and seed, with
 * --cases 1. Exit 1 when something is found.
 */

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { framing } from "./framing.ts";
import { fuzz, type Report } from "./fuzz.ts";
import { KINDS } from "./kinds.ts";

/** Of all cases, those over sockets: a connection each makes them slow. */
const SHARE_OF_FRAMING = 0.05;
/** What worlds may leave in memory from the second one on. */
const MOST_GROWTH_MB = 32;

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    only: { type: "string", default: "" },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!(Number.isInteger(cases) && cases > 0 && Number.isInteger(seed))) throw new RangeError("--cases and --seed are whole numbers.");
if (!["", "framing", ...Object.keys(KINDS)].includes(values.only)) throw new RangeError(`There is no kind ${values.only}.`);

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const heap: number[] = [];
function onWorld(done: number, findings: number): void {
  collect();
  heap.push(process.memoryUsage().heapUsed / 1_048_576);
  console.log(`${done} cases, ${findings} findings, ${heap.at(-1)?.toFixed(0)} MB`);
}

console.log(`--cases ${cases} --seed ${seed}`);
const overSockets = values.only === "framing" ? cases : values.only === "" ? Math.ceil(cases * SHARE_OF_FRAMING) : 0;
const reports: Report[] = [];
if (overSockets < cases) reports.push(await fuzz({ cases: cases - overSockets, seed, only: values.only || undefined, onWorld }));
const growth = (heap.at(-1) ?? 0) - (heap[1] ?? heap[0] ?? 0);
if (overSockets > 0) reports.push(await framing({ cases: overSockets, seed, onWorld }));

for (const { cases, answers, slowestMs } of reports) {
  console.log(`\n${cases} cases, the slowest ${slowestMs.toFixed(0)} ms:`);
  for (const [answer, times] of [...answers].sort(([, a], [, b]) => b - a).slice(0, 40))
    console.log(`${String(times).padStart(9)}  ${answer}`);
}
const findings = reports.flatMap(({ findings }) => findings);
for (const { kind, seed, what } of findings.slice(0, 20)) console.log(`\nFOUND --only ${kind} --seed ${seed} --cases 1: ${what}`);
console.log(`\n${findings.length} findings; memory grew by ${growth.toFixed(1)} MB`);
process.exit(findings.length > 0 || growth > MOST_GROWTH_MB ? 1 : 0);
