import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Link, linkOf } from "#domain/chain";
import { beganAt } from "#domain/event-id";
import { type Seal, signedSealIn } from "#domain/seal";
import { openToWrite } from "#store/drivers/sqlite-schema";
import { latePlace } from "#store/log";
import type { Row, RowKey, Table } from "#store/port";
import { RECORDS, SEALS } from "./audit-rows.ts";

export interface CopiedLog {
  /** As that of a data folder. */
  readonly log: DatabaseSync;
  /** Deletes it. */
  close(): void;
}

/** A seal that lives is a minute away: what is older and has none is not left out. */
const FRESH_MS = 600_000;
const PAGE = 500;

/**
 * Copies the logs of Regions from another database into a file of this machine, where they can be verified in order, however many rows they have.
 *
 * Writers go on meanwhile, and what they write is met or not. So the seals are read first: all that they vouch for was there before. Of what is
 * younger, each writer's rows are kept up to the first one that is missing, or was late: the next seals vouch for the rest.
 */
export async function copyLogs(tables: ReadonlyMap<string, Table>): Promise<CopiedLog> {
  const folder = mkdtempSync(join(tmpdir(), "trent-log-"));
  const log = openToWrite(folder, "log");
  const close = () => {
    log.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    log.exec("PRAGMA synchronous = OFF");
    for (const [region, table] of tables) await copyLog(log, region, table);
    return { log, close };
  } catch (cause) {
    close();
    throw cause;
  }
}

async function copyLog(log: DatabaseSync, region: string, table: Table): Promise<void> {
  const insert = log.prepare("INSERT OR IGNORE INTO log (region, pk, sk, version, body) VALUES (?, ?, ?, ?, ?)");
  function keep(rows: readonly Row[]): void {
    log.exec("BEGIN");
    for (const { pk, sk, version, body } of rows) insert.run(region, pk, sk, version, body);
    log.exec("COMMIT");
  }

  const since = Date.now() - FRESH_MS;
  const sealed = await copySeals(table, keep);
  const fresh = new Map<string, Link[]>();
  const meet = (row: Row): void => {
    const link = linkOf(row);
    if (!link || link.number <= (sealed.get(link.writer) ?? 0)) return;
    const links = fresh.get(link.writer) ?? [];
    if (links.length === 0) fresh.set(link.writer, links);
    links.push(link);
  };
  for (let after: RowKey | undefined; ; ) {
    const page = await table.scan({ after, limit: PAGE });
    const rows = page.rows.filter(({ pk }) => pk !== SEALS);
    keep(rows);
    for (const row of rows) if (RECORDS.test(row.pk) && !(beganAt(row.sk) < since)) meet(row);
    after = page.next;
    if (after === undefined) break;
  }
  await copyMarks(log, region, table, keep);
  const late = lateIn(log, region, since);
  for (const row of late) meet(row);
  // Nothing but its seal tells that a late row is not old.
  const open = new Set(late.map(({ pk, sk }) => `${pk} ${sk}`));
  const leave = log.prepare("DELETE FROM log WHERE region = ? AND pk = ? AND sk = ?");
  for (const [writer, links] of fresh)
    for (const { row } of beyondGap(links, sealed.get(writer) ?? 0, open)) leave.run(region, row.pk, row.sk);
}

/** How far each writer is sealed. */
async function copySeals(table: Table, keep: (rows: readonly Row[]) => void): Promise<ReadonlyMap<string, number>> {
  const sealed = new Map<string, number>();
  for (let after: string | undefined; ; ) {
    const { rows, more } = await table.query({ pk: SEALS, limit: PAGE, ...(after !== undefined && { after }) });
    keep(rows);
    for (const { body } of rows) {
      const signed = signedSealIn(body);
      const { heads }: Pick<Seal, "heads"> = signed ? JSON.parse(signed.text) : { heads: [] };
      for (const { writer, number } of heads) sealed.set(writer, Math.max(sealed.get(writer) ?? 0, number));
    }
    after = rows.at(-1)?.sk;
    if (!more || after === undefined) return sealed;
  }
}

/** A mark may have been written, and then a record under it, when the mark's place had been read already. */
async function copyMarks(log: DatabaseSync, region: string, table: Table, keep: (rows: readonly Row[]) => void): Promise<void> {
  const days = log.prepare("SELECT DISTINCT substr(pk, 1, 21) AS day FROM log WHERE region = ? AND pk GLOB '[0-9]*#[0-9]*#*'").all(region);
  const has = log.prepare("SELECT 1 FROM log WHERE region = ? AND pk = ? AND sk = ?");
  for (const { day } of days) {
    const [account, sk = ""] = String(day).split("#");
    const mark = { pk: `${account}#DAYS`, sk };
    const row = has.get(region, mark.pk, mark.sk) ? undefined : await table.get(mark);
    if (row) keep([row]);
  }
}

/** Rows that were written since a time that is not their own. */
function lateIn(log: DatabaseSync, region: string, since: number): readonly Row[] {
  const { pk, sk } = latePlace(since);
  const marks = log.prepare("SELECT body FROM log WHERE region = ? AND pk >= ? AND pk < 'LATE#~' AND sk >= ?").all(region, pk, sk);
  const select = log.prepare("SELECT body FROM log WHERE region = ? AND pk = ? AND sk = ?");
  return marks.flatMap(({ body: mark }) => {
    const at: RowKey = JSON.parse(String(mark));
    const row = select.get(region, at.pk, at.sk);
    return row ? [{ ...at, version: 1, body: String(row["body"]) }] : [];
  });
}

/** Those of a writer's rows that do not follow on what is sealed without a gap, or without a row that is open. */
function beyondGap(links: readonly Link[], sealed: number, open: ReadonlySet<string>): readonly Link[] {
  let number = sealed;
  for (const link of links.toSorted((one, other) => one.number - other.number)) {
    if (link.number > number + 1 || open.has(`${link.row.pk} ${link.row.sk}`)) break;
    number = link.number;
  }
  return links.filter((link) => link.number > number);
}
