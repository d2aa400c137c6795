/**
 * One server as several processes: `--workers n`.
 *
 * The kernel spreads connections over them: each has the port for itself, and what waits for one that dies is not lost without a word. They share
 * the store as servers do that were started one by one, and need no more of each other: timers have leases, quotas are leased too, each seals
 * what it wrote. The process that starts them serves nothing.
 */
import cluster, { type Worker } from "node:cluster";
import { type AddressInfo, createServer } from "node:net";
import type { OperatorLog } from "#pipeline";
import type { Options } from "./options.ts";

/** What a process has counted, as it goes from one to another: the JSON of prom-client. */
export type Counted = readonly object[];

/** The processes of a server, to one of them. */
export interface Colleagues {
  /** Says how this one tells what it has counted. */
  tellBy(counted: () => Promise<Counted>): void;
  /** What each of them has counted, this one too. Whoever does not answer in time is left out. */
  ask(): Promise<readonly Counted[]>;
}

type ToPrimary = { readonly ready: readonly string[] } | { readonly ask: number } | { readonly counted: Counted; readonly to: number };
type ToWorker = { readonly tell: number } | { readonly answer: number; readonly counted: readonly Counted[] };

/** This is one of several. */
export const isWorker = (): boolean => cluster.isWorker;
/** The others have the same port. Where the kernel cannot do that, the process that started them accepts for all. */
export const sharesPort = (): boolean => cluster.isWorker && process.platform === "linux";

/** Tells people, once for all processes, that the server is ready. */
export function announce(lines: readonly string[]): void {
  if (cluster.isWorker) toPrimary({ ready: lines });
  else process.stdout.write(`${lines.join("\n")}\n`);
}

function toPrimary(message: ToPrimary): void {
  process.send?.(message);
}

/** The other processes of this one's server; undefined when it is the only one. */
export function colleagues(): Colleagues | undefined {
  if (!cluster.isWorker) return undefined;
  const asked = new Map<number, (counted: readonly Counted[]) => void>();
  let counted = async (): Promise<Counted> => [];
  let number = 0;
  process.on("message", (message: ToWorker) => {
    if ("tell" in message) {
      counted().then(
        (own) => toPrimary({ counted: own, to: message.tell }),
        () => toPrimary({ counted: [], to: message.tell }),
      );
    } else asked.get(message.answer)?.(message.counted);
  });
  return {
    tellBy(own) {
      counted = own;
    },
    ask() {
      number += 1;
      const ask = number;
      return new Promise<readonly Counted[]>((resolve) => {
        asked.set(ask, resolve);
        toPrimary({ ask });
      }).finally(() => asked.delete(ask));
    },
  };
}

/** What is not told by then is left out. */
const TOLD_MS = 1_000;
/** Processes that are lost within this time before the server gives up. */
const [MOST_LOST, WITHIN_MS] = [5, 60_000];
const AGAIN_MS = 500;
/** Longer than a process takes at the most to stop by itself. */
const PATIENCE_MS = 6_000;

/**
 * Starts so many processes, each of this very command line, and starts another in the place of one that is lost. The first makes what a first
 * start makes, the others are started when it is ready.
 *
 * Ends this process, if the port is free: with 0 when it was told to and all have ended well; with the status of the first one, if that never
 * got ready; with 1 when too many are lost.
 * @throws {NodeJS.ErrnoException} when it is not: those who share a port would share it with somebody else's server too.
 */
export async function supervise({ workers: count, host, port: wanted }: Options, operator: OperatorLog): Promise<void> {
  const port = await freePort(host, wanted);
  await holdAlone(port);
  cluster.setupPrimary({ args: [...process.argv.slice(2), "--port", String(port)] });
  const ready = new Set<number>();
  const lost: number[] = [];
  let lines: readonly string[] | undefined;
  let isAnnounced = false;
  let ending: { status: number } | undefined;

  function end(status: number): void {
    if (ending) return;
    ending = { status };
    const left = Object.values(cluster.workers ?? {});
    if (left.length === 0) process.exit(status);
    for (const worker of left) worker?.process.kill("SIGTERM");
    setTimeout(() => {
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
      process.exit(1);
    }, PATIENCE_MS).unref();
  }

  function isReady(worker: Worker, facts: readonly string[]): void {
    ready.add(worker.id);
    if (!lines) {
      lines = facts;
      for (let more = 1; more < count; more += 1) cluster.fork();
    }
    if (ready.size < count || isAnnounced) return;
    isAnnounced = true;
    announce(lines);
  }

  cluster.on("message", (worker, message: ToPrimary) => {
    if ("ready" in message) isReady(worker, message.ready);
    else if ("ask" in message) gather(worker, message.ask);
    else gatherings.get(message.to)?.(worker, message.counted);
  });
  cluster.on("exit", (worker, code, signal) => {
    const wasReady = ready.delete(worker.id);
    if (ending) {
      if (wasReady && code !== 0) ending.status = 1;
      if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(ending.status);
      return;
    }
    // What is wrong it has said itself.
    if (!lines) return end(code || 1);
    operator.error("worker lost", { pid: worker.process.pid, code, signal });
    lost.push(performance.now());
    if (lost.filter((at) => performance.now() - at < WITHIN_MS).length > MOST_LOST) {
      operator.error("too many workers lost", { within: `${WITHIN_MS / 1000} s` });
      return end(1);
    }
    setTimeout(() => ending ?? cluster.fork(), AGAIN_MS);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => end(0));
  cluster.fork();
}

/** The port, or one that is free in the place of 0. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen({ host, port, exclusive: true }, resolve));
  const { port: found } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return found;
}

/**
 * Keeps other servers of several processes from this port, on whatever address, for as long as this process lives: by a name that the kernel knows
 * (unix(7), "Abstract sockets"), which goes with it. Two that start at the same moment would both find the port free, and then share it.
 * @throws {NodeJS.ErrnoException} as if the port were taken.
 */
async function holdAlone(port: number): Promise<void> {
  if (process.platform !== "linux") return;
  const name = createServer().unref();
  await new Promise<void>((resolve, reject) => name.once("error", reject).listen(`\0trent-port-${port}`, resolve));
}

type Gathering = (from: Worker, counted: Counted) => void;
const gatherings = new Map<number, Gathering>();
let gathered = 0;

/** Asks every process what it has counted, and tells one of them. */
function gather(asker: Worker, ask: number): void {
  gathered += 1;
  const number = gathered;
  const missing = new Set(Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()) as Worker[]);
  const found: Counted[] = [];
  const done = () => {
    clearTimeout(late);
    gatherings.delete(number);
    if (asker.isConnected()) asker.send({ answer: ask, counted: found } satisfies ToWorker);
  };
  const late = setTimeout(done, TOLD_MS);
  gatherings.set(number, (from, counted) => {
    if (missing.delete(from)) found.push(counted);
    if (missing.size === 0) done();
  });
  for (const worker of missing) worker.send({ tell: number } satisfies ToWorker);
}
