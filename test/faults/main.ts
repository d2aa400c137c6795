/**
 * `npm run faults`: what is acknowledged survives kills, and disks that fail.
 *
 * Options: --rounds N (of kills; the other scenarios have their part of it), --seed N, --only NAME. Exit 1 when something is found, and when a
 * scenario could not be played and nothing took its place.
 */
import { parseArgs } from "node:util";
import { chanceFrom } from "./chance.ts";
import { eio } from "./eio.ts";
import { full } from "./full.ts";
import { keyDeletion } from "./key-deletion.ts";
import { keyImport } from "./key-import.ts";
import { keyReplication } from "./key-replication.ts";
import { keyRotation } from "./key-rotation.ts";
import { kill } from "./kill.ts";
import { pair } from "./pair.ts";
import { power } from "./power.ts";
import { readOnly } from "./read-only.ts";
import { registers } from "./registers.ts";
import { domainRotation, rootRotation } from "./rotations.ts";
import { play, type Report, type Scenario } from "./scenario.ts";

/** Of the rounds that were asked for, how many each scenario plays. */
const SCENARIOS: readonly { readonly scenario: Scenario; readonly share: number }[] = [
  { scenario: kill, share: 1 },
  { scenario: pair, share: 0.4 },
  { scenario: registers, share: 0.4 },
  { scenario: full, share: 0.12 },
  { scenario: readOnly, share: 0.12 },
  { scenario: eio, share: 0.12 },
  { scenario: power, share: 0.4 },
  { scenario: domainRotation, share: 0.4 },
  { scenario: rootRotation, share: 0.4 },
  { scenario: keyRotation, share: 0.4 },
  { scenario: keyDeletion, share: 0.4 },
  { scenario: keyImport, share: 0.4 },
  { scenario: keyReplication, share: 0.4 },
];
/** Nothing takes longer than this, whatever happens. */
const LONGEST_MS = 45 * 60_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
  },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
if (!(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed))) throw new RangeError("--rounds and --seed are whole numbers.");

// The servers that were started die with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
setTimeout(() => {
  console.log(`It takes longer than ${LONGEST_MS / 60_000} minutes.`);
  process.exit(1);
}, LONGEST_MS).unref();

const reports: Report[] = [];
let isWhole = true;
console.log(`--rounds ${rounds} --seed ${seed}`);
for (const { scenario, share } of SCENARIOS) {
  if (!scenario.name.includes(values.only)) continue;
  const { lacks } = scenario;
  if (lacks)
    console.log(`NOT RUN${lacks.instead === undefined ? "" : " as it should be"}: ${scenario.name}: ${lacks.what}; ${instead(lacks)}.`);
  if (lacks && lacks.instead === undefined) {
    isWhole = false;
    continue;
  }
  const tell = (line: string) => console.log(line);
  reports.push(await play(scenario, { rounds: Math.ceil(rounds * share), chance: chanceFrom(seed), tell }));
}

function instead({ instead: by }: { readonly instead: string | undefined }): string {
  return by === undefined ? "nothing takes its place" : `${by} takes its place`;
}

const HEAD = ["scenario", "rounds", "acknowledged", "refused", "cut off", "keys", "ciphertexts", "records", "violations", "seconds"];
const row = (cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, column) => (column === 0 ? String(cell).padEnd(12) : String(cell).padStart(13))).join(""));

row(HEAD);
for (const { scenario, rounds, acknowledged, refused, cutOff, keys, ciphertexts, records, violations, seconds } of reports)
  row([scenario, rounds, acknowledged, refused, cutOff, keys, ciphertexts, records, violations.length, seconds.toFixed(0)]);

const [first] = reports.flatMap(({ scenario, violations }) => violations.map((violation) => `${scenario}: ${violation}`));
if (first !== undefined) console.log(`\nFirst violation, with --seed ${seed}: ${first}`);
if (!isWhole) console.log("\nNot all of it ran: what lacks is said above.");
process.exit(first === undefined && isWhole ? 0 : 1);
