import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-schema.ts";

/**
 * Does something while no other process does the same: SQLite's lock of the file, which is made if it is not there and stays empty. The lock goes
 * with the process, so one that was killed stands in nobody's way.
 * @throws what `refuse` makes, at once, when another process has it.
 */
export async function alone<T>(path: string, refuse: () => Error, action: () => Promise<T>): Promise<T> {
  makeFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    take(lock, refuse);
    return await action();
  } finally {
    lock.close();
  }
}

/** Only if it is not there: to close any descriptor of a file ends the locks that this process has on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  }
}

function take(lock: DatabaseSync, refuse: () => Error): void {
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    throw isBusy(cause) ? refuse() : cause;
  }
}
