/** Multi-Region keys over their lives: what related keys share, and when. */
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { GLOBAL } from "#store";
import { runTimer, TIMERS } from "#timers";
import { HOME } from "../service.ts";
import { EXTERNAL, FOR_EVER, importInto, newMaterial } from "./imported.ts";
import { described, learned, replicated, shownAs, soon } from "./related.ts";
import { keyArn, OTHER_REGION, startKms } from "./start.ts";

const kms = startKms({ MultiRegion: true });
const encrypt = async (client: KMSClient, KeyId: string) =>
  (await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("a") }))).CiphertextBlob as Uint8Array;
const decrypt = async (client: KMSClient, CiphertextBlob: Uint8Array) => client.send(new DecryptCommand({ CiphertextBlob }));
const materialOf = async (client: KMSClient, id: string) => (await described(client, id)).CurrentKeyMaterialId;

/** What falls due until now is done in all Regions, and they have learned of it. */
async function timers(): Promise<void> {
  const deps = { ...kms.host.timers, wallClock: kms.now };
  for (const region of [HOME, OTHER_REGION]) for (const timer of TIMERS) await runTimer(timer, deps, region);
  await learned(kms);
}

describe("rotation of a multi-Region key", () => {
  it("gives all related keys the new material, and every ciphertext decrypts everywhere", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    const before = await encrypt(there, key.id);
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    await soon(kms, async () => materialOf(kms.client, key.id)).not.toBe(key.material);
    const material = await materialOf(kms.client, key.id);
    await soon(kms, async () => materialOf(there, key.id)).toBe(material);
    for (const [from, to] of [
      [kms.client, there],
      [there, kms.client],
    ] as const) {
      expect((await decrypt(to, await encrypt(from, key.id))).KeyMaterialId).toBe(material);
      expect((await decrypt(to, before)).KeyMaterialId).toBe(key.material);
    }
    const rotations = async (client: KMSClient) => (await client.send(new ListKeyRotationsCommand({ KeyId: key.id }))).Rotations;
    expect(await rotations(kms.client)).toMatchObject([{ KeyMaterialId: material, RotationType: "ON_DEMAND" }]);
    expect(await rotations(there)).toMatchObject([{ KeyMaterialId: material, RotationType: "ON_DEMAND" }]);
  });

  it("happens on the primary key's dates in all Regions", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
    const status = async () => (await there.send(new GetKeyRotationStatusCommand({ KeyId: key.id }))).RotationPeriodInDays;
    await soon(kms, status).toBe(90);
    kms.advance({ days: 90 });
    await timers();
    const material = await materialOf(kms.client, key.id);
    expect(material).not.toBe(key.material);
    await soon(kms, async () => materialOf(there, key.id)).toBe(material);
    kms.advance({ days: 90 });
    await timers();
    kms.advance({ ms: 600_000 });
    await timers();
    expect(await materialOf(there, key.id)).toBe(await materialOf(kms.client, key.id));
    expect((await kms.client.send(new ListKeyRotationsCommand({ KeyId: key.id }))).Rotations).toHaveLength(2);
    const told = (await kms.log(HOME)).filter(({ record: { e, r, i } }) => e === "RotateKey" && r?.[0] === key.arn && !i);
    expect(told.map(({ record }) => record.d)).toMatchObject([
      { rotationType: "AUTOMATIC", previousKeyMaterialId: key.material, currentKeyMaterialId: material },
      { rotationType: "AUTOMATIC", previousKeyMaterialId: material },
    ]);
  });

  it("is the primary key's to set and to do", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    const refusal = `UnsupportedOperationException: ${keyArn(key.id, OTHER_REGION)} is not a multi-region primary key.`;
    expect(await kms.refused(there.send(new EnableKeyRotationCommand({ KeyId: key.id })), OTHER_REGION)).toBe(refusal);
    expect(await kms.refused(there.send(new DisableKeyRotationCommand({ KeyId: key.id })), OTHER_REGION)).toBe(refusal);
    expect(await kms.refused(there.send(new RotateKeyOnDemandCommand({ KeyId: key.id })), OTHER_REGION)).toBe(refusal);
  });

  it("of a key that nobody has replicated is done at once", async () => {
    const key = await kms.key();
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    expect(await materialOf(kms.client, key.id)).not.toBe(key.material);
    const there = await replicated(kms, key.id);
    expect(await materialOf(there, key.id)).toBe(await materialOf(kms.client, key.id));
  });
});

describe("deletion of a multi-Region key", () => {
  const schedule = (client: KMSClient, KeyId: string) => client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));

  it("of a primary key waits for its replicas, which go on", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    const answer = await schedule(kms.client, key.id);
    expect(answer).toMatchObject({ KeyId: key.arn, KeyState: "PendingReplicaDeletion", PendingWindowInDays: 7 });
    expect(answer.DeletionDate).toBeUndefined();
    const shown = await described(kms.client, key.id);
    expect(shown).toMatchObject({ KeyState: "PendingReplicaDeletion", PendingDeletionWindowInDays: 7, Enabled: false });
    expect(shown.DeletionDate).toBeUndefined();
    const again = new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") });
    expect(await kms.refused(kms.client.send(again))).toBe(`KMSInvalidStateException: ${key.arn} is pending replica deletion.`);
    kms.advance({ days: 30 });
    await timers();
    expect((await described(kms.client, key.id)).KeyState).toBe("PendingReplicaDeletion");
    await encrypt(there, key.id);
  });

  it("begins when the last replica is gone, and then nothing of the key is left anywhere", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    const ciphertext = await encrypt(kms.client, key.id);
    await schedule(kms.client, key.id);
    await schedule(there, key.id);
    kms.advance({ days: 7 });
    await timers();
    await timers();
    expect(await kms.refused(described(there, key.id), OTHER_REGION)).toContain("NotFoundException");
    expect(await described(kms.client, key.id)).toMatchObject({
      KeyState: "PendingDeletion",
      DeletionDate: new Date(kms.now().getTime() + 7 * 86_400_000),
      MultiRegionConfiguration: { ReplicaKeys: [] },
    });
    kms.advance({ days: 7 });
    await timers();
    expect(await kms.refused(described(kms.client, key.id))).toContain("NotFoundException");
    expect(await kms.refusal(decrypt(kms.client, ciphertext))).toMatchObject({ said: expect.stringContaining("AccessDenied") });
    const left = await kms.database.table("shared-keys", GLOBAL).query({ pk: `M#${key.id}`, limit: 100 });
    expect(left.rows).toEqual([]);
  });

  it("is cancelled as any other's: the key is disabled", async () => {
    const key = await kms.key();
    await replicated(kms, key.id);
    await schedule(kms.client, key.id);
    await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    const shown = await described(kms.client, key.id);
    expect(shown.KeyState).toBe("Disabled");
    expect(shown.PendingDeletionWindowInDays).toBeUndefined();
  });

  it("of a replica leaves its related keys, and another may be made in its Region", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    await schedule(there, key.id);
    kms.advance({ days: 7 });
    await timers();
    await soon(kms, async () => (await described(kms.client, key.id)).MultiRegionConfiguration?.ReplicaKeys).toEqual([]);
    const gone = await there.send(new DescribeKeyCommand({ KeyId: key.id })).catch((cause: Error) => cause.name);
    expect(gone).toBe("NotFoundException");
    await kms.client.send(new ReplicateKeyCommand({ KeyId: key.id, ReplicaRegion: OTHER_REGION }));
    await shownAs(kms, there, key.id, { KeyState: "Enabled" });
    expect((await decrypt(there, await encrypt(kms.client, key.id))).KeyMaterialId).toBe(key.material);
  });
});

describe("imported material of a multi-Region key", () => {
  const state = async (client: KMSClient, id: string) => (await described(client, id)).KeyState;
  const materials = async (client: KMSClient, KeyId: string) =>
    (await client.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }))).Rotations;

  async function brought() {
    const key = await kms.key(EXTERNAL);
    const bytes = newMaterial("SYMMETRIC_DEFAULT");
    const { KeyMaterialId = "" } = await importInto(kms.client, key.id, bytes);
    const there = await replicated(kms, key.id, {}, "PendingImport");
    return { ...key, bytes, there, material: KeyMaterialId };
  }

  it("is brought to each Region: the same, and no other", async () => {
    const { id, bytes, there, material } = await brought();
    const refused = importInto(there, id, newMaterial("SYMMETRIC_DEFAULT"));
    expect(await kms.refused(refused, OTHER_REGION)).toContain("IncorrectKeyMaterialException");
    expect((await importInto(there, id, bytes)).KeyMaterialId).toBe(material);
    expect(await state(there, id)).toBe("Enabled");
    expect((await decrypt(there, await encrypt(kms.client, id))).KeyMaterialId).toBe(material);
  });

  it("leaves one Region only, when it is deleted there", async () => {
    const { id, bytes, there } = await brought();
    await importInto(there, id, bytes);
    await there.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }));
    await learned(kms);
    expect(await state(there, id)).toBe("PendingImport");
    expect(await state(kms.client, id)).toBe("Enabled");
    await importInto(there, id, bytes);
    expect(await state(there, id)).toBe("Enabled");
  });

  it("is rotated when every Region has the new one", async () => {
    const { id, arn, bytes, there } = await brought();
    await importInto(there, id, bytes);
    const next = newMaterial("SYMMETRIC_DEFAULT");
    const options = { ...FOR_EVER, KeyMaterialDescription: "the next" };
    const { KeyMaterialId: nextId } = await importInto(kms.client, id, next, { ...options, ImportType: "NEW_KEY_MATERIAL" });
    await learned(kms);
    expect((await materials(kms.client, id))?.at(-1)).toMatchObject({
      KeyMaterialId: nextId,
      KeyMaterialState: "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
    });
    const rotate = () => kms.client.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(await kms.refused(rotate())).toBe(
      `KMSInvalidStateException: The key material pending rotation is not imported into all replicas of the key: ${arn}.`,
    );
    await importInto(there, id, next, { ...FOR_EVER, ImportType: "EXISTING_KEY_MATERIAL" });
    await learned(kms);
    expect((await materials(kms.client, id))?.at(-1)).toMatchObject({ KeyMaterialState: "PENDING_ROTATION" });
    expect((await materials(there, id))?.at(-1)).toMatchObject({ KeyMaterialId: nextId, KeyMaterialDescription: "the next" });
    const before = await encrypt(there, id);
    await rotate();
    await soon(kms, async () => materialOf(there, id)).toBe(nextId);
    expect(await state(there, id)).toBe("Enabled");
    expect((await decrypt(there, await encrypt(kms.client, id))).KeyMaterialId).toBe(nextId);
    await decrypt(there, before);
  });
});
