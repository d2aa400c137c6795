import type { DatabaseSync } from "node:sqlite";
import type { Operation } from "./sqlite-group.ts";
import { isBusy } from "./sqlite-schema.ts";

/** How long what a replacement overwrote may stay in the WAL. What was deleted leaves it at once. */
const OVERWRITTEN_MS = 1000;
/** Until the next try, when others were reading or writing, and when the disk refused. */
const BUSY_MS = 20;
const REFUSED_MS = 60_000;
/** How long a process that ends waits for others. */
const CLOSING_MS = 2_000;
/** Rewriting the file may take this part of the time, and waits for a day at the most. */
const SHARE = 1 / 10_000;
const DAY_MS = 86_400_000;

export interface Wiper {
  /** To be told of every group that was written. */
  after(operations: readonly Operation[]): void;
  /** To be told of any other deletion. */
  deleted(): void;
  /** Finishes what is outstanding, unless somebody else holds the file for long: the next to delete anything will do it then. */
  close(): void;
}

/**
 * Sees to it that what was deleted or overwritten is nowhere in the file nor in its WAL.
 *
 * `secure_delete` zeroes a row where it stood, and a checkpoint that truncates the WAL ends the copies there; both are prompt. What neither
 * reaches are copies left behind when SQLite moved a row from page to page in its lifetime (one deleted row in a thousand had one). Rewriting
 * the file ends those: 6 ms for 10 keys, 70 ms for 1,000, 0.7 s for 20,000; so as seldom as `SHARE` says, which is within a minute, 12 minutes,
 * 2 hours.
 */
export function wiper(database: DatabaseSync): Wiper {
  const truncate = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  let due: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  let stale = false;
  let rewriteAt = performance.now();

  function wipeIn(ms: number): void {
    const at = performance.now() + ms;
    if (due && due.at <= at) return;
    clearTimeout(due?.timer);
    due = { at, timer: setTimeout(wipe, ms) };
  }

  function wipe(): void {
    due = undefined;
    try {
      if (performance.now() >= rewriteAt) rewrite();
      if (truncate.get()?.["busy"] !== 0) wipeIn(BUSY_MS);
    } catch (cause) {
      wipeIn(isBusy(cause) ? BUSY_MS : REFUSED_MS);
    }
    if (stale) wipeIn(Math.max(BUSY_MS, rewriteAt - performance.now()));
  }

  function rewrite(): void {
    const started = performance.now();
    rewriteAt = started + REFUSED_MS;
    database.exec("VACUUM");
    stale = false;
    const ended = performance.now();
    rewriteAt = ended + Math.min(DAY_MS, (ended - started) / SHARE);
  }

  function stain(ms: number): void {
    stale = true;
    wipeIn(ms);
  }

  return {
    after(operations) {
      if (operations.some(([kind]) => kind === "delete")) stain(0);
      else if (operations.some(([kind]) => kind === "replace")) stain(OVERWRITTEN_MS);
    },
    deleted: () => stain(0),
    close() {
      clearTimeout(due?.timer);
      const deadline = performance.now() + CLOSING_MS;
      // `due`: what was deleted may be in the WAL still, or in the file as it was before.
      while ((stale || due) && !wiped() && performance.now() < deadline) Atomics.wait(pause, 0, 0, BUSY_MS / 10);
    },
  };

  /** Whether nothing is left to be tried: all is done, or the disk refuses. */
  function wiped(): boolean {
    try {
      if (stale) rewrite();
      return truncate.get()?.["busy"] === 0;
    } catch (cause) {
      return !isBusy(cause);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
