import type { DatabaseSync } from "node:sqlite";
import { TABLES, type TableName } from "../tables.ts";
import { type FileName, fileOf, patiently } from "./sqlite-schema.ts";
import { segmentSweeper, segmentsOf } from "./sqlite-segments.ts";
import { markSweeper } from "./sqlite-words.ts";

/** Rows dropped in one transaction. */
const SLICE = 500;
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Between slices, so that what waits to be written is. */
const PAUSE_MS = 5;

/**
 * Drops rows some time after they expired, as DynamoDB does: hourly, by the wall clock, a few at a time.
 * `dropped` is called when rows are gone. The returned function ends it.
 */
export function sweeper(database: DatabaseSync, file: FileName, dropped: () => void): () => void {
  let timer = setTimeout(begin, FIRST_MS);

  function begin(): void {
    go(sweep(database, file, Math.floor(Date.now() / 1000)));
  }

  function go(sweeping: Generator<number>): void {
    let wait = EVERY_MS;
    try {
      const { done, value } = sweeping.next();
      if (!done) wait = PAUSE_MS;
      if (value > 0) dropped();
    } catch {
      // Held by others, or a disk that refuses: there is time.
    }
    timer = wait === PAUSE_MS ? setTimeout(go, wait, sweeping) : setTimeout(begin, wait);
  }

  return () => clearTimeout(timer);
}

/** Drops what expired before now (seconds since the epoch), one slice and one partition at a time; yields how many rows it dropped. */
export function* sweep(database: DatabaseSync, file: FileName, now: number): Generator<number, number> {
  const tables = (Object.keys(TABLES) as TableName[]).filter((table) => fileOf(table) === file && "expires" in TABLES[table]);
  for (const table of tables) yield* file === "log" ? sweepLog(database, now) : sweepTable(database, table, now);
  if (file === "log") yield* sweepSegments(database);
  return 0;
}

function* sweepTable(database: DatabaseSync, table: TableName, now: number): Generator<number> {
  const drop = database.prepare(`DELETE FROM "${table}" WHERE rowid IN (SELECT rowid FROM "${table}" WHERE expires < ? LIMIT ${SLICE})`);
  yield* untilFewer(() => patiently(() => drop.run(now)).changes);
}

/** An index on `expires` would double the cost of an append. The rows of a partition expire in the order of their keys, so its head is enough. */
function* sweepLog(database: DatabaseSync, now: number): Generator<number> {
  const next = database.prepare("SELECT region, pk FROM log WHERE (region, pk) > (?, ?) ORDER BY region, pk LIMIT 1");
  const drop = database.prepare(
    `DELETE FROM log WHERE region = ?1 AND pk = ?2 AND expires < ?3 AND sk IN (SELECT sk FROM log WHERE region = ?1 AND pk = ?2 ORDER BY sk LIMIT ${SLICE})`,
  );
  const any = database.prepare("SELECT 1 FROM log WHERE region = ? AND pk = ? LIMIT 1");
  const dropMarks = markSweeper(database, "log", SLICE);
  let at = next.get("", "");
  while (at) {
    const [region, pk] = [String(at["region"]), String(at["pk"])];
    yield* untilFewer(() => patiently(() => drop.run(region, pk, now)).changes);
    if (!any.get(region, pk)) yield* untilFewer(() => patiently(() => dropMarks(region, pk)));
    at = next.get(region, pk);
  }
}

/** By themselves: a sweep may have ended between a partition's last row and these. */
function* sweepSegments(database: DatabaseSync): Generator<number> {
  const next = database.prepare(`SELECT region, pk FROM ${segmentsOf("log")} WHERE (region, pk) > (?, ?) ORDER BY region, pk LIMIT 1`);
  const drop = segmentSweeper(database, "log", SLICE);
  for (let at = next.get("", ""); at; ) {
    const [region, pk] = [String(at["region"]), String(at["pk"])];
    yield* untilFewer(() => patiently(() => drop(region, pk)));
    at = next.get(region, pk);
  }
}

function* untilFewer(drop: () => number | bigint): Generator<number> {
  let dropped: number;
  do {
    dropped = Number(drop());
    yield dropped;
  } while (dropped === SLICE);
}
