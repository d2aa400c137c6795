import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TABLES, type TableName } from "../tables.ts";
import { segmentsDdl } from "./sqlite-segments.ts";
import { leaveUnmarked, wordsDdl } from "./sqlite-words.ts";

/** The log has a file and a writer of its own: its commits never wait for those of the state, nor do they age what is cached of it. */
export const FILES = ["state", "log"] as const;
export type FileName = (typeof FILES)[number];

export const fileOf = (table: TableName): FileName => (table === "log" ? "log" : "state");

/** The columns of every table, in the order in which a row's cells stand. The first three are its primary key. */
export const COLUMNS = ["region", "pk", "sk", "version", "body", "tag", "mac_key", "i1pk", "i1sk", "i2pk", "i2sk", "expires"] as const;
export type Cell = string | number | Uint8Array | null;

/** The layout of the file, not the format of the rows. */
const LAYOUT = 5;
/** Rows of earlier layouts have no words. */
const WORDS_SINCE = 3;
/** No write waits longer for another process: what has not been written then is not written. */
export const PATIENCE_MS = 10_000;

/**
 * Opens one of the two files to write to it, and makes it (0600, in a folder 0700) if there is none.
 * @throws what SQLite says, and when the file is of a later layout.
 */
export function openToWrite(folder: string, file: FileName): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = pathOf(folder, file);
  // SQLite would make it readable to others; its WAL and shared memory take the mode of the file.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    patiently(() => database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"));
    if (file === "state") database.exec("PRAGMA secure_delete = ON");
    layOut(database, [file]);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Both files' tables in memory, empty or as in the image of another such. */
export function openInMemory(image?: Uint8Array): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  if (image) database.deserialize(image);
  layOut(database, FILES);
  return database;
}

/** A connection for reading only; the file must have been opened to write before. */
export function openToRead(folder: string, file: FileName): DatabaseSync {
  return new DatabaseSync(pathOf(folder, file), { readOnly: true, timeout: PATIENCE_MS });
}

/**
 * Tries again while another process holds the file.
 *
 * SQLite's own busy handler soon sleeps for 100 ms between tries, and meanwhile a process that commits back to back never lets go for long
 * enough to be met. This one sleeps for less than a commit takes.
 */
export function patiently<T>(action: () => T): T {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return action();
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > deadline) throw cause;
      Atomics.wait(pause, 0, 0, 0.05 + Math.random() * 0.4);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

const SQLITE_BUSY = 5;

export function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY;
}

export const pathOf = (folder: string, file: FileName): string => join(folder, `${file}.db`);

function layOut(database: DatabaseSync, files: readonly FileName[]): void {
  patiently(() => {
    const layout = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (layout > LAYOUT) throw new Error(`The data folder was made by a later version (layout ${layout}; this one knows ${LAYOUT}).`);
    if (layout === LAYOUT) return;
    const tables = (Object.keys(TABLES) as TableName[]).filter((table) => files.includes(fileOf(table)));
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec(tables.map(ddlOf).join("\n"));
      if (layout > 0 && layout < WORDS_SINCE) for (const table of tables) if ("words" in TABLES[table]) leaveUnmarked(database, table);
      database.exec(`PRAGMA user_version = ${LAYOUT}; COMMIT`);
    } catch (cause) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw cause;
    }
  });
}

/**
 * An item of 2–5 KB wants a table with row ids: in a table that is its own index, a row over 1 KB overflows its page (a read took 15 µs
 * instead of 5). A log row of 300 B is the other way round: one tree to insert into, not two. Indexes hold the primary key, so that `find`
 * reads nothing else, and only the rows that have index keys.
 */
function ddlOf(table: TableName): string {
  const indexes = Array.from({ length: TABLES[table].indexes }, (_, index) => `i${index + 1}`);
  return [
    `CREATE TABLE IF NOT EXISTS "${table}" (`,
    "region TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, tag BLOB, mac_key INTEGER,",
    "i1pk TEXT, i1sk TEXT, i2pk TEXT, i2sk TEXT, expires INTEGER, PRIMARY KEY (region, pk, sk)",
    `)${fileOf(table) === "log" ? " WITHOUT ROWID" : ""};`,
    ...("expires" in TABLES[table] && fileOf(table) !== "log"
      ? [`CREATE INDEX IF NOT EXISTS "${table}.expires" ON "${table}" (expires) WHERE expires IS NOT NULL;`]
      : []),
    ...("words" in TABLES[table] ? [wordsDdl(table)] : []),
    ...("packed" in TABLES[table] ? [segmentsDdl(table)] : []),
    ...indexes.map(
      (i) => `CREATE INDEX IF NOT EXISTS "${table}.${i}" ON "${table}" (region, ${i}pk, ${i}sk, pk, sk) WHERE ${i}pk IS NOT NULL;`,
    ),
  ].join("\n");
}
