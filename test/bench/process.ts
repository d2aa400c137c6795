import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";

const canPin = spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/** A child of ours on one processor, where one is named and the machine can hold it there. */
export interface Pinned {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: AsyncIterator<string>;
  /** Ends it, and resolves when it has ended. */
  stop(): Promise<void>;
}

export function start(processor: number | undefined, file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Pinned {
  const command = [process.execPath, file, ...args];
  const [program, ...rest] = canPin && processor !== undefined ? ["taskset", "-c", String(processor), ...command] : command;
  const child = spawn(program as string, rest, { env: { ...process.env, ...env } });
  child.stderr.pipe(process.stderr);
  const lines: Interface = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    child,
    lines: lines[Symbol.asyncIterator](),
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** The first line of its output that matches. */
export async function lineOf({ lines }: Pinned, pattern: RegExp): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error("The process ended before it was ready.");
    if (pattern.test(value)) return value;
  }
}

/** Processor time of a process and its threads so far, in µs. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory in MB. */
export function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}

export { canPin };
