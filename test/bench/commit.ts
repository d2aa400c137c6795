import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const COMMITS = 2_000;

/** How long one bare commit takes in SQLite as Trent uses it (WAL, each synced), a row of 400 bytes each: the median in ms. */
export function commitOf(): number {
  const folder = mkdtempSync(join(tmpdir(), "trent-commit-"));
  const database = new DatabaseSync(join(folder, "bare.db"));
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT)");
    const insert = database.prepare("INSERT INTO log (body) VALUES (?)");
    const times = Array.from({ length: COMMITS }, (_, i) => {
      const began = performance.now();
      insert.run(`${i}`.padEnd(400, "x"));
      return performance.now() - began;
    });
    return times.sort((a, b) => a - b)[COMMITS >> 1] ?? 0;
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What 16 callers at once may wait for an answer, by the bare commit of the same run. */
export const lineOfCommit = (commit: number): string =>
  `a bare commit takes ${commit.toFixed(2)} ms; goals for 16 connections: p50 ${(1000 * (1 + 2 * commit)).toFixed(0)} µs, p99 ${(1000 * (8 + 4 * commit)).toFixed(0)} µs`;
