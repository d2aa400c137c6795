import { describe, expect, test } from "vitest";
import type { Database, Row } from "#store/port";
import { GLOBAL } from "#store/tables";
import { mac, REGIONS, type Subject } from "./subject.ts";

/** Whose rows these are, and who sees them when. */
export function scopes(on: Subject): void {
  test("Regions, and tables of one Region, do not see each other's rows", async () => {
    const key = { pk: on.partition(), sk: "KEY" };
    const places = [
      ...REGIONS.flatMap((region) => (["keys", "domains", "log", "quotas"] as const).map((table) => ({ table, region }))),
      ...(["shared-keys", "shared-domains", "principals"] as const).map((table) => ({ table, region: GLOBAL })),
    ];
    for (const { table, region } of places) {
      const index1 = table === "keys" ? { index1: { pk: `${key.pk}#of`, sk: "x" } } : {};
      await on.database.table(table, region).put({ ...key, version: 1, body: JSON.stringify({ table, region }), ...index1 });
    }
    for (const { table, region } of places) {
      const { rows } = await on.database.table(table, region).query({ pk: key.pk, limit: 10 });
      expect(rows.map(({ body }) => JSON.parse(body))).toEqual([{ table, region }]);
    }
    const [here, there] = REGIONS.map((region) => on.database.table("keys", region));
    await here?.delete(key, 1);
    await expect.poll(() => here?.find(1, { pk: `${key.pk}#of`, limit: 9 }), { timeout: 5000 }).toEqual({ hints: [], more: false });
    expect((await there?.get(key))?.body).toContain(REGIONS[1]);
    await expect.poll(async () => (await there?.find(1, { pk: `${key.pk}#of`, limit: 9 }))?.hints.length, { timeout: 5000 }).toBe(1);
  });

  describe("freshness", () => {
    test("what was read may be believed while nothing changes", async () => {
      const stamp = on.keys.freshness.now();
      await on.keys.get({ pk: on.partition(), sk: "KEY" });
      expect(on.keys.freshness.holds(stamp)).toBe(on.engine.cacheMs !== 0);
    });

    test("a row changed by oneself is noticed", () => noticed(on.database));

    test.runIf(on.engine.shared)("a row changed by somebody else is noticed", async () => {
      const other = on.store.open();
      await noticed(other);
      await other.close();
    });

    async function noticed(by: Database): Promise<void> {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body: "{}" };
      await on.keys.put(row);
      const stamp = on.keys.freshness.now();
      await on.keys.get(row);
      await by.table("keys", REGIONS[0]).put({ ...row, version: 2 }, 1);
      if (Number.isFinite(on.engine.cacheMs)) await new Promise((resolve) => setTimeout(resolve, on.engine.cacheMs + 5));
      expect(on.keys.freshness.holds(stamp)).toBe(false);
      expect((await on.keys.get(row))?.version).toBe(2);
    }
  });

  test.runIf(on.engine.shared)("what was written is there when the store is opened again", async () => {
    const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body: "{}", mac };
    const before = on.store.open();
    const writing = before.table("keys", REGIONS[0]).put(row);
    await writing;
    await before.close();
    const after = on.store.open();
    expect(await after.table("keys", REGIONS[0]).get(row)).toEqual(row);
    await after.close();
  });
}
