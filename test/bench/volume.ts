/** What a log takes on disk. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Of a server that has stopped: bytes of the file, with words, segments and unused pages, for each record of a call. */
export function volumeOf(folder: string): string {
  const path = join(folder, "log.db");
  const log = new DatabaseSync(path, { readOnly: true });
  const count = (sql: string) => Number(log.prepare(sql).get()?.["n"]);
  const records = count("SELECT count(*) AS n FROM log WHERE pk GLOB '[0-9]*#[0-9]*#[0-9]*' AND sk NOT LIKE '%#I%'");
  const body = count(`SELECT avg(length(CAST(body AS BLOB))) AS n FROM log`);
  const [words = 0, marks = 0, segments] = ["words", "marks", "segments"].map((what) => count(`SELECT count(*) AS n FROM "log.${what}"`));
  log.close();
  const each = statSync(path).size / records;
  return `log: ${records} records, ${each.toFixed(0)} bytes on disk for each; what it says ${body.toFixed(0)}, ${words + marks} words, ${segments} segments`;
}
