/** The deletion timer as a function on DynamoDB: it does its work with what it declares. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Key, newKey, scheduleDeletion } from "#domain/key";
import { operatorLog } from "#pipeline/operator-log";
import { type OpenShared, openRegional, type PrincipalStore, type Regional, type Shared, type Tables } from "#store";
import { leasesOf } from "#store/leases";
import { deletion, TIMER_FUNCTIONS, timerHandlerOf } from "#timers";
import { requestId } from "#wire/request-id";
import { ACCOUNT, REGION, startStore } from "../infra/store.ts";

const LOG = { shards: 16, days: 90, newWriter: randomUUID };
let store: Awaited<ReturnType<typeof startStore>>;
let stores: { readonly keys: Tables["keys"]["write"]; readonly aliases: Tables["aliases"]["write"] };

const open = (material: "material" | "none"): Promise<Regional> =>
  openRegional(
    store.database,
    REGION,
    { ...store.roots, ...(material === "none" && { material: () => Promise.reject(new Error("The material root was asked for.")) }) },
    {
      principals: {} as PrincipalStore,
      sessions: {} as Shared["sessions"],
      gated: () => ({}) as PrincipalStore,
      accounts: {} as OpenShared["accounts"],
    },
    LOG,
  );

beforeAll(async () => {
  store = await startStore();
  const regional = await open("material");
  stores = regional.stores({ keys: "write", aliases: "write" }, async () => undefined) as unknown as typeof stores;
});
afterAll(() => store.stop());

async function doomed(): Promise<Key> {
  const facts = {
    id: randomUUID(),
    account: ACCOUNT,
    region: REGION,
    description: "",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
  } as const;
  const created = new Date(Date.now() - 8 * 86_400_000);
  const key = scheduleDeletion(newKey({ ...facts, created, policy: "{}", principals: {}, tags: new Map(), materials: [] }), 7, created);
  await stores.keys.create(key);
  await stores.aliases.create({ account: ACCOUNT, name: `alias/${key.id}`, targetKeyId: key.id, created, updated: created, version: 0 });
  return key;
}

test("deletes a key, its aliases, and leaves the record, with the access it declares and no other", async () => {
  const key = await doomed();
  store.touches.length = 0;
  const deps = {
    region: () => open("none"),
    leases: () => leasesOf(store.database.table("keys", REGION)),
    now: () => new Date(),
    wallClock: () => new Date(),
    newId: () => requestId(new Date()),
    holder: randomUUID(),
    operator: operatorLog("error"),
  };
  expect(await timerHandlerOf(deletion, deps, REGION)({ source: "aws.events" })).toMatchObject({ done: 1, failed: 0, more: false });
  const touched = new Map<string, Set<string>>();
  for (const { table, action } of store.touches) touched.set(table, (touched.get(table) ?? new Set()).add(action));

  expect(await store.database.table("keys", REGION).get({ pk: `K#${key.id}`, sk: "KEY" })).toBeUndefined();
  expect(await stores.keys.deletion(key.id)).toBeUndefined();
  expect((await stores.aliases.list(ACCOUNT, { limit: 10 })).aliases).toEqual([]);
  expect([...touched.keys()].sort()).toEqual(["domains", "keys", "log"]);
  expect(touched.get("domains")).toEqual(new Set(["GetItem"]));
  // By PartiQL elsewhere: appending is all that it does.
  expect(touched.get("log")).toEqual(new Set(["PutItem"]));
  expect(Object.keys(TIMER_FUNCTIONS[0]?.access.tables ?? {})).toEqual(expect.arrayContaining([...touched.keys()]));
});
