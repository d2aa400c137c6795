import { CreateKeyCommand, TagResourceCommand } from "@aws-sdk/client-kms";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { sealAll } from "#local/sealing";
import { rotateDomainKeys } from "#operator/domain-rotate";
import { operatorLog } from "#pipeline/operator-log";
import { type Database, ensureMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import type { Row } from "#store/port";
import { requestId } from "#wire/request-id";
import { newFolder } from "../audit/kept-log.ts";
import { trent } from "../local/command.ts";
import { ACCOUNT, HOME, startService, testRoot } from "../service.ts";

// Each test starts a process.
vi.setConfig({ testTimeout: 60_000 });

const REGIONS = [HOME, "eu-west-1"];
const operator = operatorLog("error", () => undefined);

/** A folder with keys in two Regions, and a way to rotate the domain keys on a database like its own. */
async function made() {
  const folder = newFolder();
  const database = openSqlite({ folder });
  const root = testRoot();
  await ensureMeta(database, root, { home: HOME, account: ACCOUNT }, new Date());
  const service = await startService({ database, root, regions: REGIONS });
  onTestFinished(async () => {
    await service.stop();
    await database.close();
  });
  const ids: string[] = [];
  for (const region of [...REGIONS, HOME]) {
    const kms = service.kms(service.administrator, region);
    const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
    ids.push(KeyId);
  }
  const rotate = (on: Database = database) => {
    const now = () => new Date();
    const deps = { database: on, roots: root, region: HOME, home: HOME, shards: 1, now, newId: () => requestId(now()), operator };
    return rotateDomainKeys(deps, { settle: async () => undefined, regions: () => REGIONS });
  };
  const verified = async (...others: readonly Database[]) => {
    for (const one of [database, ...others]) await sealAll(one, folder, operator, new Date());
    const { code, stdout, stderr } = await trent(["audit", "verify", "--state", "--json", "--data", folder]).ended;
    expect(stderr).toBe("");
    return { code, ...JSON.parse(stdout) };
  };
  return { folder, database, service, ids, rotate, verified };
}

/** The same database, but for what becomes of some rows that are put or appended. */
function refusing(database: Database, refused: (table: string, row: Row) => boolean): Database {
  const check = (name: string, rows: readonly Row[]) => {
    if (rows.some((row) => refused(name, row))) throw new Error("The disk is full.");
  };
  return {
    table(name, region) {
      const table = database.table(name, region);
      return {
        ...table,
        async put(row, replacing) {
          check(name, [row]);
          await table.put(row, replacing);
        },
        async append(rows) {
          check(name, rows);
          await table.append(rows);
        },
      };
    },
    close: () => database.close(),
  };
}

const isOutcomeOf = (event: string) => (table: string, row: Row) =>
  table === "log" && !row.sk.includes("#I") && String(row.body).includes(`"e":"${event}"`);

describe("the log tells of a rotation of domain keys", () => {
  test("each item that was wrapped anew, in the Region where it is", async () => {
    const { service, ids, rotate, verified } = await made();
    await rotate();
    await service.kms().send(new TagResourceCommand({ KeyId: ids[0], Tags: [{ TagKey: "a", TagValue: "1" }] }));
    const { findings, state } = await verified();
    expect(findings).toEqual([]);
    expect(state.items).toBeGreaterThanOrEqual(ids.length);
  });

  test("also when what became of it could not be written down", async () => {
    const { database, rotate, verified } = await made();
    const broken = refusing(database, isOutcomeOf("RewrapItems"));
    await rotate(broken);
    expect((await verified(broken)).findings).toEqual([]);
  });

  test("and nothing of an item that could not be written", async () => {
    const { database, ids, rotate, verified } = await made();
    const broken = refusing(database, (table, row) => table === "keys" && row.pk === `K#${ids[0]}`);
    await expect(rotate(broken)).rejects.toThrow("The disk is full.");
    expect((await verified(broken)).findings).toEqual([]);
    await rotate();
    expect((await verified(broken)).findings).toEqual([]);
  });

  test("without the proofs of other accounts' items, which no caller is shown", async () => {
    const { rotate, service } = await made();
    await rotate();
    const rewraps = (await service.log()).filter(({ record }) => record.e === "RewrapItems");
    expect(rewraps.length).toBeGreaterThan(0);
    for (const { record } of rewraps) expect(JSON.stringify(record.d ?? {})).not.toContain("mac");
  });
});
