/** A thread that signs and verifies what would hold up the calls of others. What was signed may be secret: it is wiped here too. */
import type { KeyObject } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { type MessageType, onThread, type SigningAlgorithm } from "@trent/crypto";

export interface Task {
  readonly id: number;
  readonly key: KeyObject;
  readonly algorithm: SigningAlgorithm;
  readonly type: MessageType;
  readonly message: Uint8Array;
  /** To be verified; absent: to be made. */
  readonly signature: Uint8Array | undefined;
}

export interface Done {
  readonly id: number;
  /** Absent when it failed. */
  readonly answer?: Uint8Array | boolean;
  readonly failure?: string;
}

parentPort?.on("message", async ({ id, key, algorithm, message, type, signature }: Task) => {
  try {
    const answer = signature
      ? await onThread.verify(key, algorithm, message, type, signature)
      : // A view of Node's pool would bring all of the pool along.
        Uint8Array.from(await onThread.sign(key, algorithm, message, type));
    parentPort?.postMessage({ id, answer } satisfies Done);
  } catch (cause) {
    parentPort?.postMessage({ id, failure: String(cause) } satisfies Done);
  } finally {
    message.fill(0);
  }
});
