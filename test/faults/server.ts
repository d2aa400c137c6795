import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { profileOf } from "../local/profile-of.ts";
import type { Credentials } from "../service.ts";
import type { Advance, Ready } from "./child.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** A running server, that can be killed. */
export interface Server {
  readonly url: string;
  readonly administrator: Credentials;
  readonly process: ChildProcess;
  /** What it said to its operator. */
  readonly log: () => string;
  /** Kills it, as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits. */
  stop(): Promise<number | null>;
  advance(seconds: number): void;
}

/** Starts the server on a folder. @throws when it ends before it listens. */
export async function startServer(folder: string): Promise<Server> {
  const child = fork(CHILD, [folder], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  const { url } = await new Promise<Ready>((resolve, reject) => {
    child.once("message", (ready) => resolve(ready as Ready));
    child.once("exit", (code) => reject(new Error(`The server ended with ${code} before it listened: ${said}`)));
  });
  return {
    url,
    administrator: profileOf(folder),
    process: child,
    log: () => said,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    advance: (advanceSeconds) => void child.send({ advanceSeconds } satisfies Advance),
  };
}
