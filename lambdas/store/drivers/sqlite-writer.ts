/** The thread that writes one file. It is sent groups of operations, one at a time, and answers each with the outcomes. */
import { parentPort, workerData } from "node:worker_threads";
import { groupWriter, type Operation, type Outcome } from "./sqlite-group.ts";
import { type FileName, openToWrite } from "./sqlite-schema.ts";

/** What the thread is started with. */
export interface WriterData {
  readonly folder: string;
  readonly file: FileName;
}

/** A group to write; null: close the file and end. */
export type Request = readonly Operation[] | null;
/** The outcomes of a group, in its order; null: all done, and nothing to tell. */
export type Reply = readonly Outcome[] | null;

/** How long what a replacement overwrote may stay in the WAL. What was deleted leaves it at once. */
const OVERWRITTEN_MS = 1000;
/** Until the next try, when others were reading or writing. */
const RETRY_MS = 20;

const { folder, file } = workerData as WriterData;
const database = openToWrite(folder, file);
const write = groupWriter(database);
const truncate = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
let due: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;

parentPort?.on("message", (request: Request) => {
  if (request === null) {
    clearTimeout(due?.timer);
    database.close();
    parentPort?.close();
    return;
  }
  const outcomes = write(request);
  parentPort?.postMessage((outcomes.every((outcome) => outcome === undefined) ? null : outcomes) satisfies Reply);
  if (file === "state") forget(request);
});

/** Sees to it that what the group deleted or overwrote leaves the WAL too. The callers have their answer by now. */
function forget(operations: readonly Operation[]): void {
  if (operations.some(([kind]) => kind === "delete")) checkpointIn(0);
  else if (operations.some(([kind]) => kind === "replace")) checkpointIn(OVERWRITTEN_MS);
}

function checkpointIn(ms: number): void {
  const at = performance.now() + ms;
  if (due && due.at <= at) return;
  clearTimeout(due?.timer);
  due = { at, timer: setTimeout(checkpoint, ms) };
}

function checkpoint(): void {
  due = undefined;
  let busy: unknown = 1;
  try {
    busy = truncate.get()?.["busy"];
  } catch {
    // A disk without space: the next try may find some.
  }
  if (busy !== 0) checkpointIn(RETRY_MS);
}
