/**
 * `npm run load`: a server with many keys and principals at 80 % of what it can, for long; then at four times that.
 *
 * Options: --minutes N, --keys N, --principals N. Exit 1 when a goal is missed.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { lineOf, memoryOf, type Pinned, start } from "../bench/process.ts";
import { volumeOf } from "../bench/volume.ts";
import { closed, type Driven, open, servedBy, type Target } from "./drive.ts";
import type { Latencies } from "./latencies.ts";
import { keysAt, seedKeys, seedPrincipals } from "./seeded.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    keys: { type: "string", default: "100000" },
    principals: { type: "string", default: "1000" },
  },
});
const [minutes, keyCount, principalCount] = [Number(values.minutes), Number(values.keys), Number(values.principals)];
const CALLERS = 16;
const CONNECTIONS = 64;
/** Symmetric keys that are used, of all that there are: what fits a page for each of the connections and more. */
const USED = 1000;
/** Bytes of the log for a record: the budget of 350, and what changes add, which leave three rows each. */
const PREDICTED = 400;
let missed = 0;

function goal(holds: boolean, text: string): void {
  console.log(`${holds ? "holds " : "MISSED"}  ${text}`);
  if (!holds) missed += 1;
}

const folder = mkdtempSync(join(tmpdir(), "trent-load-"));
const data = join(folder, "data");
let server: Pinned | undefined;
// The server dies with this process.
process.on("exit", () => server?.child.kill("SIGKILL"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

async function serve(): Promise<string> {
  // The load has the other processor, if there is one.
  server = start(0, "lambdas/local/main.ts", ["serve", "--data", data, "--port", "0", "--quotas", "off"]);
  return /http:\S+/.exec(await lineOf(server, /ready on/))?.[0] ?? "";
}

const handles = (): number => readdirSync(`/proc/${server?.child.pid}/fd`).length;
const memory = (): number => memoryOf(server?.child.pid as number);
const ms = (latencies: Latencies, part: number): number => latencies.at(part) / 1000;
const told = ({ answers }: Driven): string => [...answers].map(([what, count]) => `${what} ${count}`).join(", ");

async function steady(target: Target, capacity: number): Promise<number> {
  const rate = 0.8 * capacity;
  const samples: { readonly at: number; readonly memory: number; readonly handles: number }[] = [];
  const began = performance.now();
  const each = Math.max(1_000, (minutes * 60_000) / 60);
  const driven = await open(target, {
    ...{ rate, ms: minutes * 60_000, connections: CONNECTIONS },
    window: {
      ms: each,
      ended(window) {
        const sample = { at: (performance.now() - began) / 60_000, memory: memory(), handles: handles() };
        samples.push(sample);
        const [p50, p99] = [0.5, 0.99].map((part) => ms(window, part).toFixed(1));
        console.log(`${sample.at.toFixed(1)} min: p50 ${p50} ms, p99 ${p99} ms, ${sample.memory.toFixed(0)} MB, ${sample.handles} handles`);
      },
    },
  });
  const [p50, p99] = [ms(driven.latencies, 0.5), ms(driven.latencies, 0.99)];
  console.log(`${rate.toFixed(0)} calls/s for ${minutes} minutes: ${told(driven)}`);
  goal([...driven.answers.keys()].join() === "200", "every call is answered 200");
  goal(p99 < 10 * p50, `p99 ${p99.toFixed(1)} ms is less than 10 × p50 ${p50.toFixed(1)} ms`);
  // What V8 and SQLite keep, they have by then.
  const late = samples.slice(Math.floor(samples.length / 4));
  const slope = slopeOf(late.map(({ at, memory }) => [at, memory]));
  goal(slope * minutes < 32, `memory is flat: ${late[0]?.memory.toFixed(0)} MB, later ${late.at(-1)?.memory.toFixed(0)} MB`);
  return p50;
}

/** Least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const [over, under] = [
    points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0),
    points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0),
  ];
  return under === 0 ? 0 : over / under;
}

async function overload(target: Target, capacity: number, p50: number): Promise<void> {
  const before = memory();
  const driven = await open(target, { rate: 4 * capacity, ms: 20_000, connections: 4096 });
  console.log(`four times as many for 20 s: ${told(driven)}; served ${servedBy(driven).toFixed(0)} a second`);
  const refusals = [...driven.answers.keys()].filter((what) => !["200", "ThrottlingException"].includes(what));
  goal(refusals.length === 0, "who is not served is told ThrottlingException, and nothing else");
  goal(servedBy(driven) > 0.25 * capacity, "a quarter of what it can do is still done");
  goal(memory() - before < 512, `memory stays bounded: ${before.toFixed(0)} MB, then ${memory().toFixed(0)} MB`);
  const began = performance.now();
  let recovered = Number.POSITIVE_INFINITY;
  await open(target, {
    ...{ rate: 0.5 * capacity, ms: 6_000, connections: CONNECTIONS },
    window: {
      ms: 250,
      ended(window) {
        if (window.count() > 0 && ms(window, 0.99) < 10 * p50 + 10) recovered = Math.min(recovered, performance.now() - began);
      },
    },
  });
  goal(recovered <= 2_000, `recovered after ${(recovered / 1000).toFixed(2)} s (2 at the most)`);
}

try {
  await serve();
  await server?.stop();
  const began = performance.now();
  const principals = await seedPrincipals(data, principalCount);
  // Room for those of other kinds: an account has 100,000.
  await seedKeys(data, Math.max(1, keyCount - 10));
  console.log(`${principals.length} principals and ${keyCount} keys made in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const url = await serve();
  const target: Target = { url, principals, keys: await keysAt(url, data, USED) };
  const idle = handles();
  await closed(target, { callers: CALLERS, ms: 15_000 });
  const capacity = servedBy(await closed(target, { callers: CALLERS, ms: 10_000 }));
  console.log(`capacity: ${capacity.toFixed(0)} calls/s by ${CALLERS} callers`);
  const p50 = await steady(target, capacity);
  await overload(target, capacity, p50);
  goal((await fetch(`${url}/healthz`, { headers: { connection: "close" } })).status === 200, "it is in good health");
  await pause(2_000);
  goal(handles() <= idle + 4, `no handles are left open: ${idle} before, ${handles()} after`);
  await server?.stop();
  const volume = volumeOf(data);
  console.log(volume);
  const each = Number(/(\d+) bytes on disk/.exec(volume)?.[1]);
  goal(
    each <= PREDICTED,
    `the log takes ${each} bytes a record on a disk of ${(statSync(join(data, "log.db")).size / 2 ** 20).toFixed(0)} MB (${PREDICTED} at the most)`,
  );
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(missed > 0 ? 1 : 0);
