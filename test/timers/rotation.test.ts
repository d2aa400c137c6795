import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { afterEach, describe, expect, it } from "vitest";
import { awsManagedKey } from "#domain/aws-managed-key";
import { isRotationDue } from "#domain/rotation";
import type { Regional } from "#store";
import { lagOf, rotation, runDue, type TimerDeps } from "#timers";
import { startKms, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

const DAY = 86_400_000;
const kms = startKms();

const sweep = (deps: Partial<TimerDeps> = {}) => runDue(rotation, { ...kms.host.timers, ...deps }, HOME);
const rotationsOf = async ({ id: KeyId }: TestKey) => (await kms.client.send(new ListKeyRotationsCommand({ KeyId }))).Rotations ?? [];
const datesOf = async (key: TestKey) => (await rotationsOf(key)).map(({ RotationDate }) => RotationDate);
const nextOf = async ({ id: KeyId }: TestKey) => (await kms.client.send(new GetKeyRotationStatusCommand({ KeyId }))).NextRotationDate;
const currentOf = async ({ id: KeyId }: TestKey) =>
  (await kms.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;

const schedules: TestKey[] = [];
// What one test leaves due is not for the next.
afterEach(async () => {
  for (const { id: KeyId } of schedules.splice(0)) await kms.client.send(new DisableKeyRotationCommand({ KeyId }));
  await sweep();
});

/** A key that is rotated every 90 days from now on. */
async function scheduled(): Promise<TestKey> {
  const key = await kms.key();
  schedules.push(key);
  await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
  return key;
}

/** What the log says of the rotations of a key: rows in the order they were written. */
async function toldOf(key: TestKey) {
  const rows = (await kms.log()).sort((a, b) => a.number - b.number);
  return rows.filter(({ record }) => record.e === "RotateKey" && (record.m?.pk === `K#${key.id}` || record.r?.includes(key.arn)));
}

describe("when the date of a rotation has come", () => {
  it("rotates the key, and not a moment before; the next date is a period later", async () => {
    const key = await scheduled();
    const first = await nextOf(key);
    kms.advance({ days: 90, ms: -1 });
    await sweep();
    expect(await rotationsOf(key)).toEqual([]);
    kms.advance({ ms: 1 });
    await sweep();

    const current = await currentOf(key);
    expect(await rotationsOf(key)).toEqual([
      { KeyId: key.arn, KeyMaterialId: current, KeyMaterialState: "CURRENT", RotationDate: first, RotationType: "AUTOMATIC" },
    ]);
    expect(current).not.toBe(key.material);
    expect(await nextOf(key)).toEqual(new Date((first?.getTime() ?? 0) + 90 * DAY));
    expect(await sweep()).toMatchObject({ done: 0, failed: 0 });
  });

  it("keeps what was encrypted before", async () => {
    const key = await scheduled();
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("old") }));
    kms.advance({ days: 90 });
    await sweep();
    const { Plaintext, KeyMaterialId } = await kms.client.send(new DecryptCommand({ CiphertextBlob }));
    expect([Buffer.from(Plaintext ?? []).toString(), KeyMaterialId]).toEqual(["old", key.material]);
  });

  it("leaves the service event RotateKey in its owner's log, and an intent before", async () => {
    const key = await scheduled();
    kms.advance({ days: 90 });
    await sweep();
    const [intent, record, ...more] = await toldOf(key);
    expect(more).toEqual([]);
    const identity = { k: "service", a: "AWS Internal", i: ACCOUNT };
    const change = { table: "keys", pk: `K#${key.id}`, sk: "KEY", version: 3, mac: expect.any(String) };
    expect(intent?.record).toEqual({ i: 1, s: "kms", e: "RotateKey", c: identity, m: change });
    expect(intent?.id).toBe(`${record?.id}#I`);
    expect(record?.record).toEqual({
      s: "kms",
      e: "RotateKey",
      t: kms.now().getTime(),
      y: "AwsServiceEvent",
      c: identity,
      ip: "AWS Internal",
      ua: "AWS Internal",
      a: { keyId: key.arn },
      d: {
        keyId: key.id,
        rotationType: "AUTOMATIC",
        keyOrigin: "AWS_KMS",
        previousKeyMaterialId: key.material,
        currentKeyMaterialId: await currentOf(key),
      },
      r: [key.arn],
      w: [change],
    });
  });

  it("rotates it once, however many do so at the same time", async () => {
    const keys = await Promise.all(Array.from({ length: 3 }, scheduled));
    kms.advance({ days: 90 });
    const reports = await Promise.all(Array.from({ length: 5 }, () => sweep()));
    expect(reports.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0]);
    for (const key of keys) {
      expect(await rotationsOf(key)).toHaveLength(1);
      expect((await toldOf(key)).filter(({ record }) => record.w)).toHaveLength(1);
    }
  });

  it("rotates a key that is changed at the last moment all the same, and loses no change", async () => {
    const key = await scheduled();
    kms.advance({ days: 90 });
    let left = 1;
    const tag = async () => {
      if (left-- > 0) await kms.client.send(new TagResourceCommand({ KeyId: key.id, Tags: [{ TagKey: "a", TagValue: "b" }] }));
    };
    expect(await sweep(afterIntent(tag))).toMatchObject({ done: 1, failed: 0 });
    expect(await rotationsOf(key)).toHaveLength(1);
    expect((await toldOf(key)).filter(({ record }) => record.x).map(({ record }) => record.x[0])).toEqual(["ConflictException"]);
  });

  it("does not rotate a key whose rotation was turned off at the last moment", async () => {
    const key = await scheduled();
    kms.advance({ days: 90 });
    const off = () => kms.client.send(new DisableKeyRotationCommand({ KeyId: key.id }));
    expect(await sweep(afterIntent(off))).toMatchObject({ failed: 0 });
    expect(await rotationsOf(key)).toEqual([]);
    expect(await currentOf(key)).toBe(key.material);
  });
});

/** A Region in which something happens whenever an intent has been written. */
const afterIntent = (happens: () => Promise<unknown>): Partial<TimerDeps> => ({
  async region(name): Promise<Regional> {
    const regional = await kms.host.region(name);
    const append: Regional["log"]["append"] = async (entry) => {
      await regional.log.append(entry);
      if (entry.id.endsWith("#I")) await happens();
    };
    return { ...regional, log: { ...regional.log, append } };
  },
});

describe("a rotation that was missed", () => {
  it("while Trent was off is done once, with the date on which it is done; the schedule stays as it was", async () => {
    const key = await scheduled();
    const first = (await nextOf(key))?.getTime() ?? 0;
    kms.advance({ days: 3 * 90 + 10 });
    await sweep();
    expect(await datesOf(key)).toEqual([kms.now()]);
    expect(await nextOf(key)).toEqual(new Date(first + 3 * 90 * DAY));
    kms.advance({ days: 80 });
    await sweep();
    expect(await rotationsOf(key)).toHaveLength(2);
  });

  it("while the key was disabled is done once it is enabled, and nothing is looked at before", async () => {
    const key = await scheduled();
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    const next = await nextOf(key);
    kms.advance({ days: 100 });
    expect(await sweep()).toMatchObject({ done: 0, failed: 0 });
    expect(await lagOf(rotation, kms.host.timers, HOME)).toBe(0);
    expect(await nextOf(key)).toEqual(next);
    await kms.client.send(new EnableKeyCommand({ KeyId: key.id }));
    expect(await lagOf(rotation, kms.host.timers, HOME)).toBe(10 * DAY);
    await sweep();
    expect(await datesOf(key)).toEqual([kms.now()]);
    expect(await lagOf(rotation, kms.host.timers, HOME)).toBe(0);
  });

  it("while the key was pending deletion is done when it is saved and enabled", async () => {
    const key = await scheduled();
    kms.advance({ days: 85 });
    await kms.schedule(key.id);
    kms.advance({ days: 6 });
    expect(await sweep()).toMatchObject({ done: 0 });
    await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    expect(await sweep()).toMatchObject({ done: 0 });
    await kms.client.send(new EnableKeyCommand({ KeyId: key.id }));
    await sweep();
    expect(await datesOf(key)).toEqual([kms.now()]);
  });
});

describe("a rotation on demand", () => {
  it("is told by a service event of its own, once", async () => {
    const key = await kms.key();
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    const first = await currentOf(key);
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    await sweep();
    await sweep();
    const told = (await toldOf(key)).filter(({ id }) => !id.endsWith("#I"));
    const details = { keyId: key.id, rotationType: "ON_DEMAND", keyOrigin: "AWS_KMS" };
    expect(told.map(({ record }) => record.d)).toEqual([
      { ...details, previousKeyMaterialId: key.material, currentKeyMaterialId: first },
      { ...details, previousKeyMaterialId: first, currentKeyMaterialId: await currentOf(key) },
    ]);
    expect(await rotationsOf(key)).toHaveLength(2);
  });

  it("is told although the key is disabled meanwhile", async () => {
    const key = await kms.key();
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    await sweep();
    expect((await toldOf(key)).filter(({ record }) => record.d)).toHaveLength(1);
  });
});

it("an AWS managed key is rotated every year from its first day on", () => {
  const created = kms.now();
  const key = awsManagedKey({ id: "1", account: ACCOUNT, region: HOME, created, alias: "alias/aws/s3" });
  expect(key.rotation).toEqual({ periodInDays: 365, next: new Date(created.getTime() + 365 * DAY) });
  expect(isRotationDue(key, new Date(created.getTime() + 365 * DAY - 1))).toBe(false);
  expect(isRotationDue(key, new Date(created.getTime() + 365 * DAY))).toBe(true);
});
