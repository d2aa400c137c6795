import { backup, type DatabaseSync } from "node:sqlite";
import { FILES, type FileName, openToRead, openToWrite, pathOf, patiently } from "./sqlite-schema.ts";

/**
 * Copies both files of a data folder into another folder, as they were at one instant, while servers go on.
 *
 * For the instant itself the log takes nothing, which is some milliseconds. A change is in the log before it is in the state, and its outcome
 * after: so every change in the copy has been announced in the copy, and nothing is in its log that its state knows nothing of.
 */
export async function snapshotOf(folder: string, target: string): Promise<void> {
  const held = openToWrite(folder, "log");
  const readers: DatabaseSync[] = [];
  try {
    patiently(() => held.exec("BEGIN IMMEDIATE"));
    for (const file of FILES) readers.push(fixed(folder, file));
    held.exec("ROLLBACK");
    for (const [number, file] of FILES.entries()) await backup(readers[number] as DatabaseSync, pathOf(target, file), { rate: PAGES });
  } finally {
    for (const reader of readers) reader.close();
    held.close();
  }
}

/** Copied at a time, before others have their turn. */
const PAGES = 1000;

/** A connection that sees the file as it is now, for as long as it is open. */
function fixed(folder: string, file: FileName): DatabaseSync {
  const reader = openToRead(folder, file);
  reader.exec("BEGIN; SELECT count(*) FROM sqlite_schema;");
  return reader;
}
