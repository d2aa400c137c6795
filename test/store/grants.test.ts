/** The grants in the store, on SQLite: found by index, proven by MAC, counted. */
import { LimitExceededException } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import type { Grant } from "#domain/grant";
import { Conflict, Tampered } from "#store";
import { create, grantsOf, newGrantId, storedGrant } from "../kms/granting.ts";
import { startKms } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

const kms = startKms();
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const BOB = `arn:aws:iam::${ACCOUNT}:user/bob`;
let grants: Awaited<ReturnType<typeof grantsOf>>;
let keyId: string;

beforeAll(async () => {
  grants = await grantsOf(kms);
});

const onNewKey = () => {
  keyId = crypto.randomUUID();
};
const store = (facts: Partial<Grant> = {}) => storedGrant(kms, keyId, facts);
const idsOf = (found: readonly Grant[]) => found.map(({ id }) => id);

/** Changes a grant's row as somebody would who has the database and not the root. */
async function tamperedWith({ id, ...grant }: Grant, change: (body: string) => string): Promise<void> {
  const table = kms.database.table("keys", HOME);
  const row = await table.get({ pk: `K#${grant.keyId}`, sk: `G#${id}` });
  if (!row) throw new Error("The grant is gone.");
  await table.put({ ...row, version: row.version + 1, body: change(row.body) }, row.version);
}

describe("a grant", () => {
  it("is read as it was made", async () => {
    onNewKey();
    const made = await store({
      name: "n",
      grantee: { principal: ALICE, id: "AIDAALICE" },
      retiring: { principal: "logs.us-east-1.amazonaws.com", service: true },
      operations: ["Encrypt", "CreateGrant"],
      constraints: { subset: new Map([["__proto__", "é"]]), sourceArn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:a` },
      created: new Date("2026-06-01T12:00:00.123Z"),
    });
    expect(await grants.get(keyId, made.id)).toEqual(made);
  });

  it("is made once and removed once", async () => {
    onNewKey();
    const made = await store();
    await expect(grants.create({ ...made, version: 0 })).rejects.toThrow(Conflict);
    await grants.remove(made);
    await expect(grants.remove(made)).rejects.toThrow(Conflict);
    expect(await grants.get(keyId, made.id)).toBeUndefined();
  });

  it("that is not what was written is not believed, however it is found", async () => {
    onNewKey();
    const made = await store({ grantee: { principal: ALICE }, retiring: { principal: ALICE }, operations: ["Encrypt"] });
    await tamperedWith(made, (body) => body.replace('"Encrypt"', '"Decrypt"'));
    await expect(grants.get(keyId, made.id)).rejects.toThrow(Tampered);
    await expect(grants.ofGrantee(keyId, ALICE)).rejects.toThrow(Tampered);
    await expect(grants.list(keyId, { limit: 10 })).rejects.toThrow(Tampered);
    await expect(grants.retirableBy(ALICE, { limit: 10 })).rejects.toThrow(Tampered);
  });

  it("that an index calls somebody's is not theirs unless it says so itself", async () => {
    onNewKey();
    const made = await store({ grantee: { principal: ALICE } });
    const table = kms.database.table("keys", HOME);
    const row = await table.get({ pk: `K#${keyId}`, sk: `G#${made.id}` });
    if (!row) throw new Error("The grant is gone.");
    await table.delete(row, row.version);
    // The MAC is of the item, not of the index: whoever has the database can put any index keys there.
    await table.put({ ...row, index1: { pk: `TO#${keyId}#${BOB}`, sk: made.id }, index2: { pk: `RET#${BOB}`, sk: "a" } });
    expect(await grants.ofGrantee(keyId, BOB)).toEqual([]);
    expect((await grants.retirableBy(BOB, { limit: 10 })).grants).toEqual([]);
  });
});

describe("the grants of a key", () => {
  it("are listed by id, and go on after the last one even when that is gone", async () => {
    onNewKey();
    const made = (await Promise.all(Array.from({ length: 7 }, () => store()))).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const first = await grants.list(keyId, { limit: 3 });
    expect(idsOf(first.grants)).toEqual(idsOf(made.slice(0, 3)));
    await grants.remove(made[2] as Grant);
    expect(await grants.list(keyId, { after: first.next, limit: 4 })).toEqual({ grants: made.slice(3), next: undefined });
  });

  it("are its own only", async () => {
    onNewKey();
    const mine = await store();
    onNewKey();
    await store();
    expect(await grants.get(keyId, mine.id)).toBeUndefined();
    expect((await grants.list(keyId, { limit: 10 })).grants).toHaveLength(1);
    expect(await grants.count(keyId, kms.now())).toBe(1);
  });

  it("are counted with what is made and removed here meanwhile", async () => {
    onNewKey();
    const made = await store();
    expect(await grants.count(keyId, kms.now())).toBe(1);
    await store();
    expect(await grants.count(keyId, kms.now())).toBe(2);
    await grants.remove(made);
    expect(await grants.count(keyId, kms.now())).toBe(1);
    kms.advance({ ms: 60_000 });
    expect(await grants.count(keyId, kms.now())).toBe(1);
  });
});

describe("fifty thousand grants on one key", () => {
  const MANY = 50_000;
  const THEIRS = 600;

  beforeAll(async () => {
    const key = await kms.key();
    keyId = key.id;
    for (let made = 0; made < MANY - THEIRS; made += 1000) {
      const batch = Math.min(1000, MANY - THEIRS - made);
      await Promise.all(Array.from({ length: batch }, (_, at) => store({ grantee: { principal: `${BOB}-${made + at}` } })));
    }
    await Promise.all(Array.from({ length: THEIRS }, () => store({ grantee: { principal: BOB } })));
  }, 120_000);

  it("are the most that a key has", async () => {
    expect(await grants.count(keyId, kms.now())).toBe(MANY);
    await expect(create(kms.client, keyId)).rejects.toThrow(LimitExceededException);
  });

  it("do not stand in the way of somebody else's one", async () => {
    const mine = await store({ grantee: { principal: ALICE } });
    const started = performance.now();
    for (let times = 0; times < 100; times += 1) expect(idsOf(await grants.ofGrantee(keyId, ALICE))).toEqual([mine.id]);
    // Reading them all takes a second or so each time.
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("to one principal are read five hundred at the most; a token's is found by its id", async () => {
    expect(await grants.ofGrantee(keyId, BOB)).toHaveLength(500);
    const last = await store({ id: "f".repeat(64), grantee: { principal: BOB } });
    expect(idsOf(await grants.ofGrantee(keyId, BOB))).not.toContain(last.id);
    expect(await grants.get(keyId, last.id)).toEqual(last);
    expect(await grants.get(keyId, newGrantId())).toBeUndefined();
  });
});
