import { afterAll, expect, test } from "vitest";
import { multiRegionId } from "#domain/arn";
import { newKey } from "#domain/key";
import { rootOf } from "#domain/multi-region";
import { ensureDomainKeys, GLOBAL, openRegional, openShared, type Tables } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { replication } from "#timers";
import { ACCOUNT, HOME, testRoot } from "../service.ts";

const OTHER = "eu-west-1";
const database = openSqlite({ memory: true });
afterAll(() => database.close());

test("what is due is listed to its end, each once: notes first, then keys, however many there are of either", async () => {
  const [roots, now] = [testRoot(), new Date()];
  for (const scope of [GLOBAL, HOME]) await ensureDomainKeys(database, scope, roots, now);
  const shared = await openShared(database, roots);
  const regional = await openRegional(database, HOME, roots, shared, { shards: 1, days: 90, newWriter: () => "writer" });
  const stores = regional.stores({ keys: "write", multiRegion: "write" }, async () => undefined) as unknown as {
    readonly [T in "keys" | "multiRegion"]: Tables[T]["write"];
  };
  const ids = Array.from({ length: 7 }, (_, number) => multiRegionId(`${number}`.padStart(32, "0")));
  for (const id of ids) {
    const facts = { id, account: ACCOUNT, region: HOME, description: "", policy: "{}", principals: {}, tags: new Map(), materials: [] };
    const kind = { spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", created: now } as const;
    const key = newKey({ ...facts, ...kind, multiRegion: { primary: HOME, replicas: [{ region: OTHER }], epoch: 0, revision: 0 } });
    await stores.keys.create(key);
    await stores.keys.settle({ ...key, version: 1 }, { ...key, unshared: true });
    await shared.multiRegion(OTHER).tell({ ...key, region: OTHER }, { ...rootOf(key), revision: 1 }, false, now);
  }

  const found: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 20; pages += 1) {
    const page = await replication.find(stores, now, { after, limit: 3 });
    found.push(...page.ids);
    after = page.next;
    if (after === undefined) break;
  }
  expect(after).toBeUndefined();
  expect(found).toEqual([...ids.map((id) => `${id}#MEMBER#${OTHER}#1`), ...ids]);
});
