/** The deletion timer as a function on DynamoDB: it does its work with what it declares. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Key, newKey, scheduleDeletion } from "#domain/key";
import { withSchedule } from "#domain/rotation";
import { operatorLog } from "#pipeline/operator-log";
import { type OpenShared, openRegional, openShared, type PrincipalStore, type Regional, type Shared, type Tables } from "#store";
import { leasesOf } from "#store/leases";
import { deletion, expiry, reconciling, rotation, TIMER_FUNCTIONS, timerHandlerOf } from "#timers";
import { requestId } from "#wire/request-id";
import { ACCOUNT, REGION, startStore } from "../infra/store.ts";

const LOG = { shards: 16, days: 90, newWriter: randomUUID };
let store: Awaited<ReturnType<typeof startStore>>;
let stores: { readonly keys: Tables["keys"]["write"]; readonly aliases: Tables["aliases"]["write"] };

let multiRegion: OpenShared["multiRegion"];

const open = (material: "material" | "none"): Promise<Regional> =>
  openRegional(
    store.database,
    REGION,
    { ...store.roots, ...(material === "none" && { material: () => Promise.reject(new Error("The material root was asked for.")) }) },
    {
      lastUses: {} as Shared["lastUses"],
      principals: {} as PrincipalStore,
      sessions: {} as Shared["sessions"],
      gated: () => ({}) as PrincipalStore,
      accounts: {} as OpenShared["accounts"],
      multiRegion,
      noted: () => undefined,
    },
    LOG,
  );

beforeAll(async () => {
  store = await startStore();
  ({ multiRegion } = await openShared(store.database, store.roots));
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

const depsOf = (material: "material" | "none" = "none") => ({
  region: () => open(material),
  leases: () => leasesOf(store.database.table("keys", REGION)),
  now: () => new Date(),
  wallClock: () => new Date(),
  newId: () => requestId(new Date()),
  holder: randomUUID(),
  operator: operatorLog("error"),
});

function touched(): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>();
  for (const { table, action } of store.touches) tables.set(table, (tables.get(table) ?? new Set()).add(action));
  return tables;
}

test("deletes a key, its aliases, and leaves the record, with the access it declares and no other", async () => {
  const key = await doomed();
  store.touches.length = 0;
  expect(await timerHandlerOf(deletion, depsOf(), REGION)({ source: "aws.events" })).toMatchObject({ done: 1, failed: 0, more: false });
  const touches = touched();

  expect(await store.database.table("keys", REGION).get({ pk: `K#${key.id}`, sk: "KEY" })).toBeUndefined();
  expect(await stores.keys.deletion(key.id)).toBeUndefined();
  expect((await stores.aliases.list(ACCOUNT, { limit: 10 })).aliases).toEqual([]);
  expect([...touches.keys()].sort()).toEqual(["domains", "keys", "log"]);
  expect(touches.get("domains")).toEqual(new Set(["GetItem"]));
  // By PartiQL elsewhere: appending is all that it does.
  expect(touches.get("log")).toEqual(new Set(["PutItem"]));
  expect(Object.keys(TIMER_FUNCTIONS[0]?.access.tables ?? {})).toEqual(expect.arrayContaining([...touches.keys()]));
});

test("rotates a key, under the material root, with the access it declares and no other", async () => {
  const created = new Date(Date.now() - 91 * 86_400_000);
  const facts = { id: randomUUID(), account: ACCOUNT, region: REGION, description: "", spec: "SYMMETRIC_DEFAULT" } as const;
  const bare = newKey({ ...facts, usage: "ENCRYPT_DECRYPT", created, policy: "{}", principals: {}, tags: new Map(), materials: [] });
  const { materials } = await open("material");
  await stores.keys.create(withSchedule({ ...bare, materials: [await materials.make(bare, created)] }, 90, created));
  store.touches.length = 0;
  expect(await timerHandlerOf(rotation, depsOf("material"), REGION)({})).toMatchObject({ done: 1, failed: 0 });
  const { tables, roots } = TIMER_FUNCTIONS.find(({ name }) => name === "rotation")?.access ?? {};
  expect(Object.keys(tables ?? {})).toEqual(expect.arrayContaining([...touched().keys()]));
  expect(roots).toEqual(["control", "material"]);
  expect(touched().get("log")).toEqual(new Set(["PutItem"]));
  expect((await stores.keys.get(facts.id))?.materials).toHaveLength(2);
});

test("deletes expired material without the material root, with the access it declares and no other", async () => {
  const created = new Date(Date.now() - 86_400_000);
  const facts = { id: randomUUID(), account: ACCOUNT, region: REGION, description: "", spec: "SYMMETRIC_DEFAULT" } as const;
  const bare = newKey({
    ...{ ...facts, usage: "ENCRYPT_DECRYPT", created, policy: "{}", principals: {}, tags: new Map(), materials: [] },
    origin: "EXTERNAL",
  });
  const { materials } = await open("material");
  const material = { ...(await materials.make(bare, created)), imported: { expires: new Date() } };
  await stores.keys.create({ ...bare, materials: [material] });
  store.touches.length = 0;
  expect(await timerHandlerOf(expiry, depsOf(), REGION)({})).toMatchObject({ done: 1, failed: 0 });
  const { tables, roots } = TIMER_FUNCTIONS.find(({ name }) => name === "expiry")?.access ?? {};
  expect(Object.keys(tables ?? {})).toEqual(expect.arrayContaining([...touched().keys()]));
  expect(roots).toEqual(["control"]);
  expect(touched().get("log")).toEqual(new Set(["PutItem"]));
  expect((await stores.keys.get(facts.id))?.materials).toEqual([expect.not.objectContaining({ wrapped: expect.anything() })]);
});

test("finds the change that has no outcome among those that have one, and writes it down, with the access it declares", async () => {
  const began = new Date(Date.now() - 10 * 60_000);
  const { log } = await open("none");
  const key = { table: "keys", pk: `K#${randomUUID()}`, sk: "KEY", version: 1, mac: "none" };
  const begin = async () => {
    const id = requestId(began);
    const body = { i: 1, s: "kms", e: "CreateKey", c: { k: "user", a: `arn:aws:iam::${ACCOUNT}:user/alice`, i: "AIDAX" }, m: key };
    await log.append({ account: ACCOUNT, id: `${id}#I`, at: began, body: JSON.stringify(body) });
    return id;
  };
  const [done, left] = [await begin(), await begin()];
  await log.append({ account: ACCOUNT, id: done, at: new Date(), body: "{}" });
  store.touches.length = 0;
  expect(await timerHandlerOf(reconciling, depsOf(), REGION)({ source: "aws.events" })).toMatchObject({ done: 1, failed: 0 });
  const { tables } = TIMER_FUNCTIONS.find(({ name }) => name === "reconciling")?.access ?? { tables: {} };
  expect(Object.keys(tables)).toEqual(expect.arrayContaining([...touched().keys()]));
  expect(touched().get("log")).toEqual(new Set(["Query", "GetItem", "PutItem"]));

  const stores = (await open("none")).stores({ log: "read" }, async () => undefined) as { readonly log: Tables["log"]["read"] };
  expect((await stores.log.get(ACCOUNT, left))?.record).toMatchObject({ e: "CreateKey", o: "not committed" });
  expect((await stores.log.get(ACCOUNT, done))?.record).toEqual({});
  const { records } = await stores.log.newest(ACCOUNT, { limit: 1, isWanted: ({ record }) => record.e === "CreateKey" });
  expect(records.map(({ id }) => id)).toEqual([left]);
});
