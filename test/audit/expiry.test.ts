import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealAll } from "#local/sealing";
import { operatorLog } from "#pipeline/operator-log";
import { openSqlite } from "#store/drivers/sqlite";
import { sweep } from "#store/drivers/sqlite-sweeper";
import { requestId } from "#wire/request-id";
import { ACCOUNT, HOME, startService } from "../service.ts";
import { keepLog, newFolder, recordsIn, set, verifyFolder } from "./kept-log.ts";

const DAY_MS = 86_400_000;
const kept = mkdtempSync(join(tmpdir(), "trent-audit-"));
beforeAll(() => keepLog(kept));
afterAll(() => rmSync(kept, { recursive: true, force: true }));

/** The log after so many days in which nobody wrote. */
async function after(days: number, change: (sql: DatabaseSync) => void) {
  const folder = newFolder();
  cpSync(kept, folder, { recursive: true });
  const now = new Date(Date.now() + days * DAY_MS);
  const sql = new DatabaseSync(join(folder, "log.db"));
  change(sql);
  sql.close();
  return verifyFolder(folder, now);
}

/** What the server does with what has expired. */
const swept = (days: number) => (sql: DatabaseSync) => {
  for (const _ of sweep(sql, "log", Math.floor(Date.now() / 1000) + days * 86_400));
};

test.each([91, 100, 105, 400])("records that expired are not missed after %i days, nor are seals", async (days) => {
  const { findings, records } = await after(days, swept(days));
  expect(findings).toEqual([]);
  expect(records).toBe(0);
});

test("records that are swept before their time are missed, whatever their rows said of it", async () => {
  const { findings } = await after(30, (sql) => {
    sql.exec("UPDATE log SET expires = 1 WHERE pk LIKE '1%#%#0'");
    swept(30)(sql);
  });
  expect(findings).toContainEqual(expect.objectContaining({ kind: "missing", what: expect.stringMatching(/^records? 1 /) }));
});

test("a record that was changed is found as long as it is there", async () => {
  const { findings } = await after(95, (sql) => {
    const row = recordsIn(sql)[4];
    if (row) set(sql, "body", row.body.replace("ListKeys", "Decrypt"), row);
  });
  const changed = findings.filter(({ kind }) => kind !== "unsealed");
  expect(changed).toEqual([expect.objectContaining({ kind: "changed", what: expect.stringMatching("^record 5 ") })]);
});

test("an account's records may be kept longer than all others', with the seals over them", async () => {
  const folder = newFolder();
  const database = openSqlite({ folder });
  const [kept, gone] = ["444455556666", "777788889999"];
  const service = await startService({ database, retention: { days: 90, longer: new Map([[kept, 400]]) } });
  const { log } = await service.host.region(HOME);
  for (let round = 0; round < 3; round += 1) {
    for (const account of [gone, kept, gone]) await log.append({ account, id: requestId(new Date()), at: new Date(), body: "{}" });
    await sealAll(database, folder, operatorLog("error"), new Date());
  }
  await service.stop();
  await database.close();
  for (const [days, records] of [
    [30, 9],
    [91, 3],
    [399, 3],
    [401, 0],
  ] as const) {
    const sql = new DatabaseSync(join(folder, "log.db"));
    swept(days)(sql);
    sql.close();
    expect(await verifyFolder(folder, new Date(Date.now() + days * DAY_MS)), `${days}`).toMatchObject({ findings: [], records });
  }
});

test("a record that was written long after its day is not missed, and is kept as long as its seal says", async () => {
  const folder = newFolder();
  const database = openSqlite({ folder });
  const service = await startService({ database });
  // As of a change whose server was away until now.
  const began = new Date(Date.now() - 20 * DAY_MS);
  const { log } = await service.host.region(HOME);
  await log.append({ account: ACCOUNT, id: requestId(began), at: began, body: "{}" });
  await sealAll(database, folder, operatorLog("error"), new Date());
  await service.stop();
  await database.close();
  const sql = new DatabaseSync(join(folder, "log.db"));
  swept(75)(sql);
  sql.close();
  expect(await verifyFolder(folder, new Date(Date.now() + 75 * DAY_MS))).toMatchObject({ findings: [], records: 1 });
});
