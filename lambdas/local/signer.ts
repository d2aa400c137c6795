import { Worker } from "node:worker_threads";
import { holdsThread, onThread, type Signer } from "@trent/crypto";
import { Fault } from "#domain/fault";
import type { Done, Task } from "./signing-thread.ts";

/** More would take the processors from those who serve calls. */
const THREADS = 2;
/** Tasks of a thread: some seconds of the slowest. */
const LONGEST_QUEUE = 500;

interface Waiting {
  readonly resolve: (answer: Uint8Array | boolean) => void;
  readonly reject: (cause: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/**
 * Signs and verifies on threads of its own what would hold up other calls, and the rest at once.
 *
 * A thread starts when there is work for it, and keeps no process alive. It is handed the key as OpenSSL's object, never its bytes, and a copy of
 * the message, which it wipes. Of a thread that dies the tasks fail; the next has a new one.
 */
export function openSigner(threads = THREADS, longestQueue = LONGEST_QUEUE): Signer {
  const started = new Set<Thread>();
  let tasks = 0;

  function start(): Thread {
    const worker = new Worker(new URL("./signing-thread.ts", import.meta.url), { name: "signing" });
    const thread: Thread = { worker, waiting: new Map() };
    const lost = (cause: unknown) => {
      started.delete(thread);
      for (const { reject } of thread.waiting.values()) reject(new Error("A signing thread ended.", { cause }));
      thread.waiting.clear();
    };
    worker.on("message", ({ id, answer, failure }: Done) => {
      const one = thread.waiting.get(id);
      thread.waiting.delete(id);
      if (answer === undefined) one?.reject(new Error(failure));
      else one?.resolve(answer);
    });
    worker.on("error", lost);
    worker.on("exit", lost);
    worker.unref();
    started.add(thread);
    return thread;
  }

  /** The one with the least to do; a new one rather than one that is busy. */
  function thread(): Thread {
    const [least] = [...started].sort((a, b) => a.waiting.size - b.waiting.size);
    if (least === undefined || (least.waiting.size > 0 && started.size < threads)) return start();
    if (least.waiting.size >= longestQueue) throw new Fault("DependencyTimeoutException");
    return least;
  }

  function run(task: Omit<Task, "id">): Promise<Uint8Array | boolean> {
    return new Promise((resolve, reject) => {
      const { worker, waiting } = thread();
      tasks += 1;
      const message = Uint8Array.from(task.message);
      waiting.set(tasks, { resolve, reject });
      worker.postMessage({ ...task, id: tasks, message, signature: task.signature && Uint8Array.from(task.signature) } satisfies Task, [
        message.buffer,
      ]);
    });
  }

  return {
    async sign(key, algorithm, message, type) {
      if (!holdsThread("sign", key, algorithm, type)) return onThread.sign(key, algorithm, message, type);
      return Buffer.from((await run({ key, algorithm, message, type, signature: undefined })) as Uint8Array);
    },
    async verify(key, algorithm, message, type, signature) {
      if (!holdsThread("verify", key, algorithm, type)) return onThread.verify(key, algorithm, message, type, signature);
      return (await run({ key, algorithm, message, type, signature })) as boolean;
    },
  };
}
