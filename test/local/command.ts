/** The real command, as a child process in an environment of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export { profileOf } from "./profile-of.ts";

const MAIN = fileURLToPath(new URL("../../lambdas/local/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** The endpoint, when the server says that it is ready; rejected when it ends before. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface Starting {
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** The command's file; by default this checkout's. */
  readonly main?: string;
}

/** Starts `trent` with these arguments, and of the test's own environment with the path only. */
export function trent(args: readonly string[], { env = {}, node = [], main = MAIN }: Starting = {}): Running {
  const child = spawn(process.execPath, [...node, main, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      const [, url] = /^trent \S+ ready on (\S+)$/m.exec(stdout) ?? [];
      if (url) resolve(url);
    });
    child.on("close", (code) => reject(new Error(`It ended with ${code} before it was ready: ${stderr}`)));
  });
  ready.catch(() => {});
  return { child, ready, ended };
}

/** Runs what it is given when the test is over, or all tests of the file: `afterAll`, which counts outside of hooks only. */
type Afterwards = (action: () => Promise<void> | void) => void;

/** A server on a free port; killed when the test is over, if it is still there. */
export function serve(
  folder: string,
  args: readonly string[] = [],
  starting: Starting = {},
  afterwards: Afterwards = onTestFinished,
): Running {
  const running = trent(["serve", "--port", "0", "--data", folder, ...args], starting);
  afterwards(async () => {
    running.child.kill("SIGKILL");
    await running.ended;
  });
  return running;
}

/** Asks a server to stop, and waits until it has. */
export function stop({ child, ended }: Running): Promise<Ended> {
  child.kill("SIGTERM");
  return ended;
}

/** The path of a data folder that is not there yet. */
export function newFolder(afterwards: Afterwards = onTestFinished): string {
  const parent = mkdtempSync(join(tmpdir(), "trent-command-"));
  afterwards(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, "data");
}
