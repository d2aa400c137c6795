import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const COMMITS = 2_000;

export interface Commit {
  /** In ms: half of them take no longer, and all but a hundredth. */
  readonly p50: number;
  readonly p99: number;
}

/** How long one bare commit takes in SQLite as Trent uses it (WAL, each synced), a row of 400 bytes each. */
export function commitOf(): Commit {
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
    times.sort((a, b) => a - b);
    const at = (part: number): number => times[Math.floor(COMMITS * part)] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What 16 callers at once may wait for an answer, by the bare commit of the same run. */
export const lineOfCommit = ({ p50, p99 }: Commit): string =>
  `a bare commit: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; goals for 16 connections: p50 ${(1000 + 2000 * p50).toFixed(0)} µs, p99 ${(8000 + 4000 * p50).toFixed(0)} µs`;
