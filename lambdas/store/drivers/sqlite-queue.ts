import { Worker } from "node:worker_threads";
import { CeilingReached, Conflict } from "../port.ts";
import type { Failure, Operation, Outcome } from "./sqlite-group.ts";
import type { FileName } from "./sqlite-schema.ts";
import type { Reply, Request, WriterData } from "./sqlite-writer.ts";

/** Where a table's writes go. */
export interface Writing {
  /** Resolves, with the sum after an `add`, when the operation is on disk. @throws {Conflict | CeilingReached} and what the disk says. */
  submit(operation: Operation): Promise<number | undefined>;
  /** Refuses what comes from now on, and finishes what was submitted. */
  drain(): Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (sum: number | undefined) => void;
  readonly reject: (cause: Error) => void;
}

/**
 * The queue in front of a file's writing thread.
 *
 * At most one group is at work; what is submitted meanwhile is the next. So there is one message for many operations however busy it gets, and
 * the thread's fsync is shared by all who wait for it.
 */
export function openQueue(folder: string, file: FileName, onLoss: (cause: Error) => void): Writing {
  const worker = new Worker(new URL("./sqlite-writer.ts", import.meta.url), {
    name: `${file} writer`,
    workerData: { folder, file } satisfies WriterData,
  });
  let operations: Operation[] = [];
  let waiting: Waiting[] = [];
  let atWork: Waiting[] | undefined;
  let scheduled = false;
  /** Why nothing more is accepted. */
  let refusal: Error | undefined;
  let drained = (): void => {};
  let loss = new Error(`The thread that writes ${file}.db ended.`);
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  function send(): void {
    scheduled = false;
    if (operations.length === 0) {
      drained();
      return;
    }
    worker.postMessage(operations satisfies Request);
    atWork = waiting;
    operations = [];
    waiting = [];
  }

  /** At the end of the tick, so that all who were woken by one reply or one poll are in one group. */
  function schedule(): void {
    if (scheduled || atWork) return;
    scheduled = true;
    setImmediate(send);
  }

  function lose(): void {
    const lost = [...(atWork ?? []), ...waiting];
    const expected = refusal !== undefined && lost.length === 0;
    refusal = loss;
    atWork = undefined;
    operations = [];
    waiting = [];
    for (const { reject } of lost) reject(loss);
    drained();
    if (!expected) onLoss(loss);
  }

  worker.on("message", (reply: Reply) => {
    const group = atWork ?? [];
    atWork = undefined;
    if (reply === null) for (const { resolve } of group) resolve(undefined);
    else for (const [i, one] of group.entries()) settle(one, reply[i]);
    schedule();
  });
  worker.on("error", (cause) => {
    loss = new Error(`The thread that writes ${file}.db ended.`, { cause });
  });
  worker.on("exit", lose);

  return {
    submit(operation) {
      if (refusal) return Promise.reject(refusal);
      return new Promise((resolve, reject) => {
        operations.push(operation);
        waiting.push({ resolve, reject });
        schedule();
      });
    },
    drain() {
      refusal ??= new Error(`${file}.db is closed.`);
      return new Promise((resolve) => {
        drained = resolve;
        schedule();
      });
    },
    async close() {
      worker.postMessage(null satisfies Request);
      await ended;
    },
  };
}

/** Tells one who waits what became of the operation. */
export function settle({ resolve, reject }: Waiting, outcome: Outcome): void {
  if (outcome === undefined || typeof outcome === "number") resolve(outcome);
  else if (outcome === "conflict") reject(new Conflict("The row is not as the condition says."));
  else if (outcome === "ceiling") reject(new CeilingReached("The sum would be more than the ceiling."));
  else reject(errorOf(outcome));
}

function errorOf({ message, ...codes }: Failure): Error {
  return new Error(`The write failed: ${message}`, { cause: Object.assign(new Error(message), codes) });
}
