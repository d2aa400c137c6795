import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type QuotaPool, quotasOf } from "#domain/quota-sharing";
import type { Database } from "#store";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import { openSqlite } from "#store/drivers/sqlite";
import { quotaPool } from "#store/quotas";
import { startDynalite } from "./drivers/start-dynalite.ts";

const [HERE, MINE] = ["eu-west-1", "111122223333"];
const WINDOW = Date.UTC(2026, 0, 1) / 1000;

async function onDynalite() {
  const dynamodb = await startDynalite();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ region: HERE, endpoint: dynamodb.endpoint, credentials });
  await createTables(client, (name) => `trent-${name}`, [HERE]);
  const stop = async () => {
    client.destroy();
    dynamodb.stop();
  };
  return { database: openDynamodb({ client, tableName: (name) => `trent-${name}`, appendBy: "put", cacheMs: 0 }), stop };
}

async function onSqlite() {
  const database = openSqlite({ memory: true });
  return { database, stop: () => database.close() };
}

describe.each([
  { driver: "sqlite", open: onSqlite },
  { driver: "dynamodb", open: onDynalite },
])("the pool of a bucket on $driver", ({ open }) => {
  let database: Database;
  let stop: () => Promise<void>;
  let pool: QuotaPool;
  beforeAll(async () => {
    ({ database, stop } = await open());
    pool = quotaPool(database.table("quotas", HERE));
  });
  afterAll(() => stop());

  test("is the same for all, whoever they are", async () => {
    const [one, other] = [pool, quotaPool(database.table("quotas", HERE))];
    const ask = (of: QuotaPool, window: number, n: number) => of({ account: MINE, bucket: "both", window, n, pool: 10 });
    expect([await ask(one, WINDOW, 6), await ask(other, WINDOW, 6), await ask(other, WINDOW, 4)]).toEqual([true, false, true]);
    expect([await ask(one, WINDOW + 1, 9), await ask(other, WINDOW + 2, 9), await ask(one, WINDOW + 2, 1)]).toEqual([true, true, true]);
    expect(await ask(one, WINDOW + 2, 1)).toBe(false);
  });

  const lease = (bucket: string, n: number, window = WINDOW) => pool({ account: MINE, bucket, window, n, pool: 10 });

  test("gives away what a window has, and no more, then begins anew", async () => {
    expect([await lease("a", 4), await lease("a", 7), await lease("a", 6), await lease("a", 1)]).toEqual([true, false, true, false]);
    expect([await lease("a", 10, WINDOW + 1), await lease("a", 1, WINDOW + 1), await lease("a", 1, WINDOW + 500)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await lease("a", 1)).toBe(false);
    expect(await lease("b", 10)).toBe(true);
  });

  test("is begun by one of many who come at once", async () => {
    for (const window of [WINDOW, WINDOW + 1, WINDOW + 9]) {
      const outcomes = await Promise.all(Array.from({ length: 40 }, () => lease("crowd", 1, window)));
      expect(outcomes.filter(Boolean)).toHaveLength(10);
    }
  });

  test("holds fifty instances to the quota, under four times as many calls", async () => {
    const [rate, seconds] = [200, 3];
    const crowd = Array.from({ length: 50 }, () => quotasOf({ bucket: rate }, { poolOf: () => pool, sharers: () => 50 }));
    let admitted = 0;
    for (let tick = 0; tick < seconds * 4; tick += 1) {
      const now = WINDOW * 1000 + 60_000 + tick * 250;
      const outcomes = await Promise.all(crowd.flatMap((one) => Array.from({ length: 4 }, () => one.take(MINE, HERE, ["bucket"], now))));
      admitted += outcomes.filter(Boolean).length;
    }
    expect(admitted).toBeLessThanOrEqual(1.05 * rate * seconds);
    expect(admitted).toBeGreaterThanOrEqual(0.8 * rate * seconds);
  });
});
