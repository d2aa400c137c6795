/** A log on disk with seals and a witness, as a server leaves it, in the hands of somebody who has the files and not the root. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { onTestFinished } from "vitest";
import { publicKeysFrom, publicKeysIn } from "#local/audit-pub";
import { type Verified, verifyLog } from "#local/audit-verify";
import { sealAll } from "#local/sealing";
import { testimony, witnessIn } from "#local/witness";
import { operatorLog } from "#pipeline/operator-log";
import { openSqlite } from "#store/drivers/sqlite";
import { call } from "../pipeline/signed-request.ts";
import { startService } from "../service.ts";
import { logTexts } from "../store/log-text.ts";

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "trent-audit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Three seals over some calls each, and calls after the last. */
export async function keepLog(folder: string): Promise<void> {
  const database = openSqlite({ folder });
  const service = await startService({ database });
  const seal = () => sealAll(database, folder, operatorLog("error"), new Date());
  for (let round = 0; round < 3; round += 1) {
    for (let calls = 0; calls < 4; calls += 1) await call(service, "ListKeys", { Limit: calls + 1 });
    await seal();
  }
  await call(service, "ListKeys", {});
  await service.stop();
  await database.close();
}

/** A copy of a kept log, changed by SQL or by file, and verified. */
export async function verifyAfter(kept: string, change: (sql: DatabaseSync, folder: string) => void = () => {}): Promise<Verified> {
  const folder = newFolder();
  cpSync(kept, folder, { recursive: true });
  const sql = new DatabaseSync(join(folder, "log.db"));
  change(sql, folder);
  sql.close();
  return verifyFolder(folder);
}

export async function verifyFolder(folder: string, now = new Date()): Promise<Verified> {
  const log = new DatabaseSync(join(folder, "log.db"), { readOnly: true });
  try {
    return await verifyLog({ log, publicKeys: publicKeysFrom(publicKeysIn(folder)), witness: testimony(witnessIn(folder)), now });
  } finally {
    log.close();
  }
}

/** The records of the writer that has most, in its order. */
export function recordsIn(sql: DatabaseSync): readonly { readonly pk: string; readonly sk: string; readonly body: string }[] {
  const rows = logTexts(sql).filter(({ body }) => body.startsWith('{"w":'));
  const byWriter = Map.groupBy(rows, ({ body }) => JSON.parse(body).w as string);
  const [most = []] = [...byWriter.values()].toSorted((one, other) => other.length - one.length);
  return most.toSorted((one, other) => JSON.parse(one.body).n - JSON.parse(other.body).n);
}

export const set = (sql: DatabaseSync, column: "body" | "sk" | "pk", value: SQLInputValue, { pk, sk }: { pk: string; sk: string }) =>
  sql.prepare(`UPDATE log SET ${column} = ? WHERE pk = ? AND sk = ?`).run(value, pk, sk);
export const remove = (sql: DatabaseSync, { pk, sk }: { pk: string; sk: string }) =>
  sql.prepare("DELETE FROM log WHERE pk = ? AND sk = ?").run(pk, sk);
export function insert(sql: DatabaseSync, { pk, sk, body }: { pk: string; sk: string; body: string }): void {
  sql.prepare("INSERT INTO log (region, pk, sk, version, body) VALUES ('us-east-1', ?, ?, 1, ?)").run(pk, sk, body);
}

/** Leaves out lines of the witness. */
export function forget(folder: string, isForgotten: (line: string) => boolean): void {
  const path = join(folder, "heads.jsonl");
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, lines.filter((line) => !isForgotten(line)).join("\n"));
}
