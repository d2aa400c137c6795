/** The thread that writes one file. It is sent groups of operations, one at a time, and answers each with the outcomes. */
import { parentPort, workerData } from "node:worker_threads";
import { groupWriter, type Operation, type Outcome } from "./sqlite-group.ts";
import { type FileName, openToWrite } from "./sqlite-schema.ts";
import { sweeper } from "./sqlite-sweeper.ts";
import { wiper } from "./sqlite-wiper.ts";
import { markSorter } from "./sqlite-words.ts";

/** What the thread is started with. */
export interface WriterData {
  readonly folder: string;
  readonly file: FileName;
}

/** A group to write; null: close the file and end. */
export type Request = readonly Operation[] | null;
/** The outcomes of a group, in its order; null: all done, and nothing to tell. */
export type Reply = readonly Outcome[] | null;

const { folder, file } = workerData as WriterData;
const database = openToWrite(folder, file);
const write = groupWriter(database);
const wipe = file === "state" ? wiper(database) : undefined;
const sort = file === "log" ? markSorter(database, "log") : undefined;
const endSweeping = sweeper(database, file, () => wipe?.deleted());

parentPort?.on("message", (request: Request) => {
  if (request === null) {
    endSweeping();
    wipe?.close();
    database.close();
    parentPort?.close();
    return;
  }
  const outcomes = write(request);
  parentPort?.postMessage((outcomes.every((outcome) => outcome === undefined) ? null : outcomes) satisfies Reply);
  // Those who wait have their answer by now.
  wipe?.after(request);
  sort?.();
});
