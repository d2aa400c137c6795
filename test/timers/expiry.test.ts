import { CancelKeyDeletionCommand, DecryptCommand, DescribeKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { beforeEach, expect, it } from "vitest";
import { expiry, runDue, runTimer, type TimerDeps } from "#timers";
import { EXTERNAL, FOR_EVER, importedKey, importInto, newMaterial } from "../kms/imported.ts";
import { startKms, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

const DAY = 86_400_000;
const kms = startKms(EXTERNAL);
const inDays = (days: number) => ({ ValidTo: new Date(kms.now().getTime() + days * DAY) });
const sweep = (deps: Partial<TimerDeps> = {}) => runDue(expiry, { ...kms.host.timers, ...deps }, HOME);
const DONE = { timer: "expiry", region: HOME, done: 1, failed: 0, more: false };

const metadataOf = async ({ id }: TestKey) => (await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata;
const itemOf = async ({ id }: TestKey) =>
  JSON.parse((await kms.database.table("keys", HOME).get({ pk: `K#${id}`, sk: "KEY" }))?.body ?? "");
const pendingImport = ({ arn }: TestKey) => `KMSInvalidStateException: ${arn} is pending import.`;

async function expirationsOf({ id, arn }: TestKey) {
  const rows = (await kms.log()).sort((a, b) => a.number - b.number);
  return rows.filter(({ record }) => record.e === "DeleteExpiredKeyMaterial" && (record.m?.pk === `K#${id}` || record.r?.includes(arn)));
}

// What one test leaves due is not for the next.
beforeEach(async () => {
  kms.advance({ days: 30 });
  await sweep();
});

it("refuses expired material at its very instant, before any timer ran", async () => {
  const key = await importedKey(kms, undefined, inDays(10));
  const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
  kms.advance({ days: 10, ms: -1 });
  expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.arn);
  kms.advance({ ms: 1 });
  expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe(pendingImport(key));
  const after = await metadataOf(key);
  expect(after).toMatchObject({ KeyState: "PendingImport", Enabled: false, CurrentKeyMaterialId: key.material });
  expect(after).not.toHaveProperty("ValidTo");
  expect(after).not.toHaveProperty("ExpirationModel");

  await importInto(kms.client, key.id, key.bytes, inDays(5));
  expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.arn);
});

it("deletes the bytes of expired material, and leaves the service event with an intent before", async () => {
  const [key, other] = [await importedKey(kms, undefined, inDays(10)), await importedKey(kms, undefined, inDays(11))];
  expect(await sweep()).toEqual({ ...DONE, done: 0 });
  kms.advance({ days: 10 });
  expect(await sweep()).toEqual(DONE);
  expect((await itemOf(key)).materials[0]).not.toHaveProperty("w");
  expect((await itemOf(other)).materials[0]).toHaveProperty("w");
  expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport", CurrentKeyMaterialId: key.material });

  const identity = { k: "service", a: "AWS Internal", i: ACCOUNT };
  const [intent, record, ...more] = await expirationsOf(key);
  expect(more).toEqual([]);
  expect(intent?.record).toMatchObject({ i: 1, s: "kms", c: identity, m: { pk: `K#${key.id}`, sk: "KEY", version: 3 } });
  expect(intent?.id).toBe(`${record?.id}#I`);
  expect(record?.record).toMatchObject({ y: "AwsServiceEvent", c: identity, r: [key.arn], d: { keyId: key.id }, w: [{ version: 3 }] });
  expect(await sweep()).toEqual({ ...DONE, done: 0 });
});

it("takes what was pending rotation with it, and the key stays as it is", async () => {
  const key = await importedKey(kms);
  const options = { ...inDays(3), ImportType: "NEW_KEY_MATERIAL" } as const;
  const first = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), options);
  kms.advance({ days: 3 });
  // What has expired is in nobody's way, deleted or not.
  const second = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), { ...inDays(3), ImportType: "NEW_KEY_MATERIAL" });
  expect(second.KeyMaterialId).not.toBe(first.KeyMaterialId);
  kms.advance({ days: 3 });
  expect(await sweep()).toEqual(DONE);
  expect(await itemOf(key)).not.toHaveProperty("pending");
  expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", CurrentKeyMaterialId: key.material, ...FOR_EVER });
});

it("expires the material of a key that is pending deletion", async () => {
  const key = await importedKey(kms, undefined, inDays(3));
  await kms.schedule(key.id);
  kms.advance({ days: 3 });
  expect(await sweep()).toEqual(DONE);
  expect((await itemOf(key)).materials[0]).not.toHaveProperty("w");
  expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingDeletion" });
  await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
  expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
});

it("expires it once, however many do so at the same time", async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => importedKey(kms, undefined, inDays(1))));
  kms.advance({ days: 1 });
  const reports = await Promise.all(Array.from({ length: 5 }, () => sweep()));
  expect(reports.map(({ failed }) => failed)).toEqual([0, 0, 0, 0, 0]);
  for (const key of keys) {
    const done = (await expirationsOf(key)).filter(({ id, record }) => !id.endsWith("#I") && record.x === undefined);
    expect(done).toHaveLength(1);
  }
});

it("runs by itself on the frame of the timers", async () => {
  const key = await importedKey(kms, undefined, inDays(2));
  kms.advance({ days: 2 });
  expect(await runTimer(expiry, kms.host.timers, HOME)).toMatchObject({ timer: "expiry", done: 1 });
  expect((await itemOf(key)).materials[0]).not.toHaveProperty("w");
});
