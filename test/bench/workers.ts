/** What a second process of a server is good for: Encrypt by one and by two, on one store. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./median.ts";
import { cpuOf, type Pinned } from "./process.ts";
import { encrypting, loaded, startLoad, startTarget } from "./target.ts";

/** Many, so that each process has about as many: the kernel deals them out by chance. */
const CONNECTIONS = 64;

export interface Scaled {
  readonly workers: number;
  /** On this machine, of which the load has its part. */
  readonly perSecond: number;
  /** Of all processes of the server, in µs a call. */
  readonly cpu: number;
}

/** Measures one server of each size after the other, so many rounds of so many milliseconds each; answers the medians. */
export async function scaled(sizes: readonly number[], milliseconds: number, rounds: number): Promise<readonly Scaled[]> {
  const found: Scaled[] = [];
  for (const workers of sizes) found.push(await measured(workers, milliseconds, rounds));
  return found;
}

async function measured(workers: number, milliseconds: number, rounds: number): Promise<Scaled> {
  const folder = mkdtempSync(join(tmpdir(), "trent-workers-"));
  const load = startLoad();
  const processes = [load];
  try {
    const { server, port, config } = await startTarget(folder, undefined, ["--workers", String(workers)]);
    processes.push(server);
    const encrypt = await encrypting(config);
    const round = async (): Promise<Scaled> => {
      const request = await encrypt.signed();
      const before = cpuOfAll(server);
      const { requests, seconds } = await loaded(load, { port, request, milliseconds, connections: CONNECTIONS });
      return { workers, perSecond: requests / seconds, cpu: (cpuOfAll(server) - before) / requests };
    };
    // Until V8 has compiled what runs, in each process.
    for (let warm = 0; warm < 1 + workers; warm += 1) await round();
    const all: Scaled[] = [];
    for (let i = 0; i < rounds; i += 1) all.push(await round());
    return { workers, perSecond: median(all.map(({ perSecond }) => perSecond)), cpu: median(all.map(({ cpu }) => cpu)) };
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuOfAll({ child }: Pinned): number {
  const pid = child.pid as number;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuOf(each), 0);
}

/** By the clock, what this machine had left beside the load; by processor time, what as many processors as processes would do. */
export function linesOfScaled(found: readonly Scaled[]): readonly string[] {
  const [one] = found;
  return found.map(({ workers, perSecond, cpu }) => {
    const said = `--workers ${workers}: ${perSecond.toFixed(0)} calls/s here, ${cpu.toFixed(0)} µs of processor a call`;
    if (!one || workers === one.workers) return said;
    const [byClock, byProcessor] = [perSecond / one.perSecond, (workers * one.cpu) / cpu / one.workers];
    return `${said}: ${byClock.toFixed(2)} × by the clock, ${byProcessor.toFixed(2)} × by processor time (goal for 2: 1.7)`;
  });
}
