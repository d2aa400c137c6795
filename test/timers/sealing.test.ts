/** The sealing of a log whose writers are function instances, on DynamoDB. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSeals } from "#domain/seal-check";
import { openShared } from "#store";
import { isSigned } from "#store/audit-keys";
import { foundHeads, type Place } from "#store/found-heads";
import { requestId } from "#wire/request-id";
import { ACCOUNT, REGION, startStore } from "../infra/store.ts";
import { calls, instance, rowOf, SHARDS, seal } from "./instances.ts";

let store: Awaited<ReturnType<typeof startStore>>;

beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store.stop());

/** What the seals say of the writers, by how many records. */
async function sealed(): Promise<{ readonly findings: readonly string[]; readonly numbers: readonly number[]; readonly seals: number }> {
  const log = store.database.table("log", REGION);
  const { rows } = await log.query({ pk: "SEAL", limit: 1000 });
  const publicKey = JSON.parse((await log.get({ pk: "AUDIT", sk: "KEY#1" }))?.body ?? "{}").publicKey;
  const report = await checkSeals({
    ...{ region: REGION, rows, witness: [], days: 90, now: Date.now() },
    isSigned: ({ text, signature }) => isSigned(publicKey, text, signature),
  });
  const numbers = [...report.writers.values()].map((one) => one.sealed).toSorted((a, b) => a - b);
  return { findings: report.findings.map(({ what }) => what), numbers, seals: report.seals };
}

describe("what instances have written is sealed", () => {
  test("the first time from the oldest row on, each head once, with the access that is declared", async () => {
    const [one, other] = [await instance(store), await instance(store)];
    await calls(one, 3);
    await calls(other, 5, new Date(Date.now() - 40 * 86_400_000));
    store.touches.length = 0;
    const [first, ...more] = await seal(store);

    expect(first).toMatchObject({ region: REGION, seal: 1 });
    expect(more).toEqual([]);
    expect(await sealed()).toEqual({ findings: [], numbers: [3, 5], seals: 1 });
    const tables = new Set(store.touches.map(({ table }) => table));
    expect(["keys", "domains", "shared-domains", "principals", "log"]).toEqual(expect.arrayContaining([...tables]));
    const onLog = new Set(store.touches.filter(({ table }) => table === "log").map(({ action }) => action));
    expect(onLog).toEqual(new Set(["Query", "GetItem", "PutItem"]));

    expect(await seal(store)).toEqual([]);
    await calls(one, 2);
    expect(await seal(store)).toMatchObject([{ seal: 2 }]);
    expect(await sealed()).toEqual({ findings: [], numbers: [5, 5], seals: 2 });
  });

  test("rows that stand under another time than that at which they were written", async () => {
    await seal(store);
    const before = await sealed();
    const [one, other] = [await instance(store), await instance(store)];
    // The outcome of a call that began an hour ago; and one whose clock is days behind.
    await calls(one, 1, new Date(Date.now() - 3_600_000), new Date());
    await calls(other, 2, new Date(), new Date(Date.now() - 8 * 86_400_000));
    expect(await seal(store)).toHaveLength(1);
    expect((await sealed()).numbers).toEqual([...before.numbers, 1, 2].toSorted((a, b) => a - b));
  });

  test("more rows of one moment than are read at once", { timeout: 60_000 }, async () => {
    await seal(store);
    const one = await instance(store);
    const at = new Date();
    await Promise.all(Array.from({ length: 700 }, () => one.log.append({ account: ACCOUNT, id: requestId(at), at, body: "{}" })));
    await seal(store);
    expect((await sealed()).numbers.at(-1)).toBe(700);
  });

  test("all of them, in parts, each of which goes on where the one before ended", async () => {
    const { accounts } = await openShared(store.database, store.roots);
    const [since, one, other] = [Date.now(), await instance(store), await instance(store)];
    await calls(one, 300);
    await calls(other, 300);
    const log = { table: store.database.table("log", REGION), shards: SHARDS, days: 90, accounts, part: 100 };
    const numbers: number[] = [];
    let place: Place = { from: since + 100_000, to: Date.now() };
    let parts = 0;
    do {
      const found = await foundHeads(log, place);
      expect(found.wrong).toEqual([]);
      for (const { number } of found.heads) numbers.push(number);
      place = found.next;
      parts += 1;
    } while (place.at);
    expect(parts).toBeGreaterThan(1);
    expect(numbers.filter((number) => number === 300)).toHaveLength(2);
  });
});

describe("what was changed since the last seal is not sealed, and fails the function", () => {
  test("a record that does not go on from the one before", async () => {
    await seal(store);
    const one = await instance(store);
    const ids = await calls(one, 3);
    const row = await rowOf(store, ids[1]);
    const before = await sealed();
    await store.database.table("log", REGION).put({ ...row, body: row.body.replace('"r":{}', '"r":{"e":"Decrypt"}'), version: 2 }, 1);
    await expect(seal(store)).rejects.toThrow("could not be done");
    expect((await sealed()).seals).toBe(before.seals);
  });
});
