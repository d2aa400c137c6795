/** Servers as processes of their own, which may be killed, and always are. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { KMSClient } from "@aws-sdk/client-kms";
import { profileOf } from "../local/profile-of.ts";
import type { Obeyed, Order, Ready } from "./child.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
/** Servers start often, and die before they would have written down what they compiled. */
const CACHE = mkdtempSync(join(tmpdir(), "trent-faults-cache-"));
const READY_MS = 30_000;
const STOPPED_MS = 15_000;
/** Characters of its log that are kept. */
const LOG_KEPT = 4_000;

export interface Server extends Ready {
  readonly pid: number;
  /** Whether nobody has killed it yet. */
  readonly alive: () => boolean;
  /** Its exit status; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** The end of what it told its operator. */
  readonly log: () => string;
  /** A client that tries once, of the home Region unless another is said; closed when the server is. */
  client(region?: string): KMSClient;
  /** `kill -9`; returns when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop. The exit status, or "late". */
  stop(): Promise<number | null | "late">;
  /** Makes it stand still for so long, as a machine does that sleeps. */
  freeze(ms: number): Promise<void>;
  jump(ahead: number): void;
  /** Tells it to do something, and waits until it has: what it counted; undefined when it died before. */
  tell(order: Told): Promise<number | undefined>;
}

type Numberless<O> = O extends Order ? Omit<O, "number"> : never;
export type Told = Numberless<Order>;

interface Starting {
  /** Its timers run when it is told to. */
  readonly told?: boolean;
  /** Variables of its own. */
  readonly env?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(CACHE, { recursive: true, force: true });
});

function startChild(folder: string, ahead: number, { told = false, env = {} }: Starting = {}) {
  const child = fork(CHILD, [folder, String(Math.round(ahead)), ...(told ? ["told"] : [])], {
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE, ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  running.add(child);
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-LOG_KEPT);
  });
  // A message to one that has just been killed is nobody's concern.
  child.on("error", () => {});
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  return { child, ended, log: () => log };
}

/** Starts a server and kills it soon, ready or not. */
export async function startAndKill(folder: string, after: number): Promise<void> {
  const { child, ended } = startChild(folder, 0);
  await pause(after);
  child.kill("SIGKILL");
  await ended;
}

/**
 * Starts a server whose clock is so many milliseconds ahead, and waits until it answers.
 * @throws when it ends before, or takes too long.
 */
export async function startServer(folder: string, ahead = 0, starting: Starting = {}): Promise<Server> {
  const { child, ended, log } = startChild(folder, ahead, starting);
  const ready = await new Promise<Ready>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The server is not ready after ${READY_MS} ms: ${log()}`));
    }, READY_MS);
    child.once("message", (message) => {
      clearTimeout(late);
      resolve(message as Ready);
    });
    child.once("close", (code) => {
      clearTimeout(late);
      reject(new Error(`The server ended with ${code} before it was ready: ${log()}`));
    });
  });

  let alive = true;
  void ended.then(() => {
    alive = false;
  });
  let orders = 0;
  const obeyed = new Map<number, (count: number) => void>();
  child.on("message", ({ number, count }: Obeyed) => obeyed.get(number)?.(count));

  function tell(order: Told): Promise<number | undefined> {
    orders += 1;
    const number = orders;
    const done = new Promise<number>((resolve) => obeyed.set(number, resolve));
    if (alive) child.send({ ...order, number } as Order);
    return Promise.race([done, ended.then(() => undefined)]).finally(() => obeyed.delete(number));
  }

  const clients: KMSClient[] = [];
  const credentials = profileOf(folder);

  async function gone<T>(ending: Promise<T>): Promise<T> {
    const status = await ending;
    for (const client of clients) client.destroy();
    return status;
  }

  return {
    ...ready,
    pid: child.pid as number,
    alive: () => alive,
    ended,
    log,
    client(region = ready.home) {
      const requestHandler = { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true };
      const client = new KMSClient({ endpoint: ready.url, region, credentials, maxAttempts: 1, requestHandler });
      clients.push(client);
      return client;
    },
    async kill() {
      alive = false;
      child.kill("SIGKILL");
      await gone(ended);
    },
    async stop() {
      alive = false;
      child.kill("SIGTERM");
      const status = await Promise.race([ended, pause(STOPPED_MS, "late" as const, { ref: false })]);
      child.kill("SIGKILL");
      await gone(ended);
      return status;
    },
    async freeze(ms) {
      child.kill("SIGSTOP");
      await pause(ms);
      child.kill("SIGCONT");
    },
    jump: (ahead) => void tell({ ahead: Math.round(ahead) }),
    tell,
  };
}
