/** Brings one client here and lets it do its steps. What did not run has not passed, and each way not to pass has words of its own. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Client, type Command, stepsOf } from "./client.ts";
import type { Host } from "./host.ts";

export interface Outcome {
  /** "not run": what installs it is missing here. A registry that does not answer, or has not this version, is "failed". */
  readonly outcome: "passed" | "failed" | "not run";
  /** Why it did not pass. */
  readonly why?: string;
  /** The calls that Trent answered meanwhile. */
  readonly calls: number;
  readonly installSeconds: number;
  readonly seconds: number;
}

/** What is quick must be so, lest a registry that does not answer holds CI up; else a whole program in Go or Rust may be built. */
const INSTALL_MS = { quick: 3 * 60_000, built: 40 * 60_000 };
const RUN_MS = 3 * 60_000;
const CHECK_MS = 30_000;
/** Characters of what a command printed that are shown when it fails. */
const SHOWN = 3_000;

/** Outside the tree, and kept from run to run. */
export const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "trent", "clients");

/** @param cache the folder that has one for each client. */
export async function play(client: Client, host: Host, cache = CACHE): Promise<Outcome> {
  const none = { calls: 0, installSeconds: 0, seconds: 0 };
  const missing = await missingOf(client);
  if (missing !== undefined) return { ...none, outcome: "not run", why: `${missing} is missing here` };

  const folder = join(cache, client.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"));
  const began = performance.now();
  const uninstalled = await install(client, folder);
  const installSeconds = (performance.now() - began) / 1000;
  if (uninstalled !== undefined) return { ...none, installSeconds, outcome: "failed", why: `It cannot be installed: ${uninstalled}` };

  const env = await host.env();
  const [before, ran] = [await host.calls(), performance.now()];
  const why = await run(client, folder, env);
  const measured = { calls: (await host.calls()) - before, installSeconds, seconds: (performance.now() - ran) / 1000 };
  if (why !== undefined) return { ...measured, outcome: "failed", why };
  if (measured.calls === 0) return { ...measured, outcome: "failed", why: "It says that all went well, and never called." };
  return { ...measured, outcome: "passed" };
}

/** The first command that its tools do not answer to. */
async function missingOf({ toolchain }: Client): Promise<string | undefined> {
  for (const command of toolchain) {
    const { status } = await execute(command, { cwd: tmpdir(), env: process.env, timeout: CHECK_MS });
    if (status !== 0) return command[0];
  }
  return undefined;
}

/** Does nothing when it is there as it is declared. Answers what failed. */
async function install({ files, install: commands, quick }: Client, folder: string): Promise<string | undefined> {
  const declared = createHash("sha256")
    .update(JSON.stringify([files, commands]))
    .digest("hex");
  const mark = join(folder, ".installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === declared) return undefined;
  rmSync(mark, { force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const timeout = quick ? INSTALL_MS.quick : INSTALL_MS.built;
  for (const command of commands) {
    const { status, printed } = await execute(command, { cwd: folder, env: process.env, timeout });
    if (status !== 0) return `${command.slice(0, 3).join(" ")} ended with ${status}: ${printed.slice(-SHOWN)}`;
  }
  writeFileSync(mark, declared);
  return undefined;
}

/** In an empty folder of its own. Answers what is wrong with what it did. */
async function run(client: Client, folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const cwd = mkdtempSync(join(tmpdir(), "trent-client-"));
  try {
    const [command, ...args] = client.run;
    const placed = (word: string): string => word.replaceAll("{folder}", folder);
    const { status, printed, out } = await execute([placed(command), ...args.map(placed)], { cwd, env, timeout: RUN_MS });
    const done = Array.from(out.matchAll(/^ok (.+)$/gm), ([, step]) => step);
    const steps = stepsOf(client);
    const next = steps.findIndex((step, index) => done[index] !== step);
    if (status !== 0) return `It ended with ${status} in "${steps[done.length] ?? "the end"}": ${printed.slice(-SHOWN)}`;
    if (next >= 0 || done.length !== steps.length)
      return `It did "${done[next] ?? "nothing"}" where "${steps[next] ?? "the end"}" was next.`;
    return undefined;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

interface Execution {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeout: number;
}

/** Runs a command to its end, or kills it and all that it has started. */
function execute([command, ...args]: Command, { cwd, env, timeout }: Execution) {
  return new Promise<{ status: number | string; printed: string; out: string }>((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const kill = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
    process.once("exit", kill);
    const late = setTimeout(kill, timeout);
    let [printed, out] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    const end = (status: number | string) => {
      clearTimeout(late);
      process.off("exit", kill);
      resolve({ status, printed, out });
    };
    child.once("error", (cause) => end(cause.message));
    child.once("close", (status, signal) => end(status ?? (signal === "SIGKILL" ? `a kill after ${timeout / 1000} s` : String(signal))));
  });
}
