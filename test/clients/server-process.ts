/** The shipped server as a process of its own, started by a command line and asked over HTTP. */
import { type ChildProcess, spawn } from "node:child_process";

export interface ServerProcess {
  readonly url: string;
  /** What it has printed so far. */
  readonly printed: () => string;
  /** Asks it to stop, and waits until it has: its exit status. */
  stop(): Promise<number | null>;
}

const READY = /^trent \S+ ready on (http:\/\/\S+)$/m;
const PATIENCE_MS = 30_000;
const GRACE_MS = 10_000;

/** Starts a command that serves, and waits for the line that says where. */
export async function startServer([command = "", ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
  // A group of its own, because npm and shells stand between this process and the server.
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const killed = () => signal(child, "SIGKILL");
  process.once("exit", killed);

  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => fail("is not ready"), PATIENCE_MS);
    const fail = (what: string) => {
      clearTimeout(late);
      killed();
      reject(new Error(`The server ${what}:\n${printed}`));
    };
    const listen = (chunk: string) => {
      printed += chunk;
      const [, ready] = READY.exec(printed) ?? [];
      if (ready === undefined) return;
      clearTimeout(late);
      resolve(ready);
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.once("error", (cause) => fail(`cannot be started: ${cause.message}`));
    child.once("exit", (status) => fail(`ended with status ${status}`));
  });

  return {
    url,
    printed: () => printed,
    async stop() {
      const late = setTimeout(killed, GRACE_MS);
      signal(child, "SIGTERM");
      const status = await ended;
      clearTimeout(late);
      process.off("exit", killed);
      return status;
    },
  };
}

function signal({ pid }: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // The group is gone already.
  }
}
