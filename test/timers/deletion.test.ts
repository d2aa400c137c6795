import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, it } from "vitest";
import type { Key } from "#domain/key";
import type { Regional } from "#store";
import { deletion, runDue, type TimerDeps } from "#timers";
import { aliasArn, aliasItem, keyItem, startKms, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

const kms = startKms();

async function aliasOf(key: TestKey): Promise<string> {
  const AliasName = `alias/${kms.newName()}`;
  await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
  return AliasName;
}

const rowsOf = async (key: TestKey): Promise<string[]> =>
  (await kms.database.table("keys", HOME).query({ pk: `K#${key.id}`, limit: 10 })).rows.map(({ sk }) => sk);

const aliasNames = async (): Promise<(string | undefined)[]> =>
  ((await kms.client.send(new ListAliasesCommand({}))).Aliases ?? []).map(({ AliasName }) => AliasName);

/** What the log says of the deletion of a key: rows in the order they were written. */
async function deletionsOf(key: TestKey) {
  const rows = (await kms.log()).sort((a, b) => a.number - b.number);
  return rows.filter(({ record }) => record.e === "DeleteKey" && (record.m?.pk === `K#${key.id}` || record.r?.includes(key.arn)));
}

const sweep = (deps: Partial<TimerDeps> = {}) => runDue(deletion, { ...kms.host.timers, ...deps }, HOME);
const DONE = { timer: "deletion", region: HOME, done: 1, failed: 0, more: false };

// What one test leaves due is not for the next.
beforeEach(async () => {
  await sweep();
});

describe("when the waiting period of a key is over", () => {
  it("deletes its item, with all its material, and then its aliases; others stay", async () => {
    const [doomed, other] = [await kms.key(), await kms.key()];
    const aliases = [await aliasOf(doomed), await aliasOf(doomed)];
    const kept = await aliasOf(other);
    await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: doomed.id, PendingWindowInDays: 7 }));
    kms.advance({ days: 7 });

    expect(await sweep()).toEqual(DONE);
    expect(await rowsOf(doomed)).toEqual([]);
    expect(await rowsOf(other)).toEqual(["KEY"]);
    const left = await aliasNames();
    expect(left).toContain(kept);
    for (const name of aliases) expect(left).not.toContain(name);
    // The name is free again.
    await kms.client.send(new CreateAliasCommand({ AliasName: aliases[0], TargetKeyId: other.id }));
    expect(await sweep()).toEqual({ ...DONE, done: 0 });
  });

  it("leaves the service event DeleteKey in its owner's log, and an intent before", async () => {
    const key = await kms.keyIn("Gone");
    await sweep();

    const [intent, record, ...more] = await deletionsOf(key);
    expect(more).toEqual([]);
    const identity = { k: "service", a: "AWS Internal", i: ACCOUNT };
    const change = { table: "keys", pk: `K#${key.id}`, sk: "KEY", version: 0 };
    expect(intent?.record).toEqual({ i: 1, s: "kms", e: "DeleteKey", c: identity, m: change });
    expect(intent?.id).toBe(`${record?.id}#I`);
    expect(record?.record).toEqual({
      s: "kms",
      e: "DeleteKey",
      t: kms.now().getTime(),
      y: "AwsServiceEvent",
      c: identity,
      ip: "AWS Internal",
      ua: "AWS Internal",
      a: { keyId: key.arn },
      r: [key.arn],
      w: [change],
    });
    expect(record?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it("names the aliases that went with it", async () => {
    const key = await kms.key();
    const alias = await aliasOf(key);
    await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    kms.advance({ days: 7 });
    await sweep();
    const record = (await deletionsOf(key)).at(-1)?.record;
    const changed = record.w.map(({ table, pk, sk, version }: Record<string, string>) => `${table}/${pk}/${sk}@${version}`);
    expect(changed).toEqual([keyItem(key.id, 0), aliasItem(alias, 0)]);
  });

  it("deletes it once, however many do so at the same time", async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => kms.keyIn("PendingDeletion")));
    kms.advance({ days: 7 });
    const reports = await Promise.all(Array.from({ length: 5 }, () => sweep()));
    expect(reports.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0]);
    for (const key of keys) {
      expect(await rowsOf(key)).toEqual([]);
      expect((await deletionsOf(key)).map(({ id }) => id.endsWith("#I"))).toEqual([true, false]);
    }
  });

  it("deletes what is well when another item is not what was written, and tells the operator", async () => {
    const [bad, good] = [await kms.keyIn("PendingDeletion"), await kms.keyIn("PendingDeletion")];
    const table = kms.database.table("keys", HOME);
    const row = await table.get({ pk: `K#${bad.id}`, sk: "KEY" });
    if (!row) throw new Error("The key is gone.");
    await table.put({ ...row, version: row.version + 1, body: row.body.replace('"enabled":true', '"enabled":false') }, row.version);
    kms.advance({ days: 7 });

    expect(await sweep()).toEqual({ ...DONE, done: 1, failed: 1 });
    expect(await rowsOf(good)).toEqual([]);
    expect(await rowsOf(bad)).toEqual(["KEY"]);
    expect(kms.logged.filter((line) => line.includes("timer failed") && line.includes(bad.id))).toHaveLength(1);
    await table.delete(row, row.version + 1);
  });
});

it("leaves a key alone whose waiting period is not over", async () => {
  const key = await kms.keyIn("PendingDeletion");
  kms.advance({ days: 7, ms: -1 });
  expect(await sweep()).toEqual({ ...DONE, done: 0 });
  expect((await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata?.KeyState).toBe("PendingDeletion");
  await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
});

/** A Region in which something happens whenever an intent has been written. */
const afterIntent = (happens: () => Promise<unknown>): Partial<TimerDeps> => ({
  async region(name): Promise<Regional> {
    const regional = await kms.host.region(name);
    const append: Regional["log"]["append"] = async (entry) => {
      await regional.log.append(entry);
      if (entry.id.endsWith("#I")) await happens();
    };
    return { ...regional, log: { append } };
  },
  // By its own clock its time has come; by that of those who change it, not quite.
  now: () => new Date(kms.now().getTime() + 1000),
});

describe("at the last moment", () => {
  it("a key whose deletion is cancelled survives, and the record says why", async () => {
    const key = await kms.keyIn("PendingDeletion");
    const alias = await aliasOf(await kms.key());
    kms.advance({ days: 7, ms: -1 });
    const cancel = () => kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    expect(await sweep(afterIntent(cancel))).toEqual(DONE);

    expect(await rowsOf(key)).toEqual(["KEY"]);
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata?.KeyState).toBe("Disabled");
    expect(await aliasNames()).toContain(alias);
    const record = (await deletionsOf(key)).at(-1)?.record;
    expect(record).toMatchObject({ y: "AwsServiceEvent", x: ["KMSInvalidStateException", `${key.arn} is not pending deletion.`] });
    expect(record.w).toBeUndefined();
  });

  it("a key that is changed otherwise is deleted all the same", async () => {
    const key = await kms.keyIn("PendingDeletion");
    kms.advance({ days: 7, ms: -1 });
    const stores = (await kms.host.region(HOME)).stores({ keys: "write" }, async () => undefined) as {
      readonly keys: { get(id: string): Promise<Key>; replace(read: Key, changed: Key): Promise<void> };
    };
    const touch = async () => {
      const read = await stores.keys.get(key.id);
      await stores.keys.replace(read, { ...read, description: "changed" });
    };
    expect(await sweep(afterIntent(touch))).toEqual(DONE);
    expect(await rowsOf(key)).toEqual([]);
    expect((await deletionsOf(key)).map(({ id }) => id.endsWith("#I"))).toEqual([true, false]);
    await kms.refused(kms.client.send(new TagResourceCommand({ KeyId: key.id, Tags: [] })));
  });
});

it("lets nothing of a key that is gone be reached, swept or not", async () => {
  const key = await kms.key();
  const alias = await aliasOf(key);
  await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
  kms.advance({ days: 7 });
  const refusal = `NotFoundException: Alias ${aliasArn(alias)} is not found.`;
  expect(await kms.refused(kms.client.send(new DescribeKeyCommand({ KeyId: alias })))).toBe(refusal);
  await sweep();
  expect(await kms.refused(kms.client.send(new DescribeKeyCommand({ KeyId: alias })))).toBe(refusal);
});
