/** The life of imported material over several operations. */
import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { EXTERNAL, FOR_EVER, importedKey, importInto, newMaterial } from "./imported.ts";
import { startKms, type TestKey } from "./start.ts";

const kms = startKms(EXTERNAL);
const NEW = { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" } as const;
const inDays = (days: number) => new Date(kms.now().getTime() + days * 86_400_000);
const metadataOf = async ({ id }: TestKey) => (await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata;
const rotate = ({ id }: TestKey) => kms.client.send(new RotateKeyOnDemandCommand({ KeyId: id }));
const sealed = async ({ id }: TestKey) =>
  (await kms.client.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from("a") }))).CiphertextBlob;
const materialOf = async (CiphertextBlob: Uint8Array | undefined) =>
  (await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyMaterialId;
const pendingImport = ({ arn }: TestKey) => `KMSInvalidStateException: ${arn} is pending import.`;

describe("a key rotated on demand to imported material", () => {
  it("encrypts under the new material, and decrypts what the old one encrypted", async () => {
    const key = await importedKey(kms);
    const old = await sealed(key);
    const { KeyMaterialId: next } = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), NEW);
    expect((await rotate(key)).KeyId).toBe(key.arn);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", CurrentKeyMaterialId: next });
    expect([await materialOf(old), await materialOf(await sealed(key))]).toEqual([key.material, next]);
    expect(await kms.refused(rotate(key))).toBe(
      `KMSInvalidStateException: No available key material pending rotation for the key: ${key.arn}.`,
    );
  });

  it("is not rotated without imported material that waits for it", async () => {
    const [never, key] = [await kms.key(), await importedKey(kms)];
    expect(await kms.refused(rotate(never))).toBe(pendingImport(never));
    const { KeyMaterialId } = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), {
      ...NEW,
      ExpirationModel: undefined,
      ValidTo: inDays(1),
    });
    kms.advance({ days: 1 });
    expect(await kms.refused(rotate(key))).toBe(
      `KMSInvalidStateException: No available key material pending rotation for the key: ${key.arn}.`,
    );
    expect((await metadataOf(key))?.CurrentKeyMaterialId).not.toBe(KeyMaterialId);
  });

  it("needs all of its materials: without one of them it does nothing, and with it again everything", async () => {
    const key = await importedKey(kms);
    const old = await sealed(key);
    const second = newMaterial("SYMMETRIC_DEFAULT");
    const { KeyMaterialId: next } = await importInto(kms.client, key.id, second, NEW);
    await rotate(key);
    const fresh = await sealed(key);
    await kms.client.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.id, KeyMaterialId: key.material }));
    for (const CiphertextBlob of [old, fresh])
      expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe(pendingImport(key));
    // Without a name it is the current one that is deleted.
    await kms.client.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.id }));
    await importInto(kms.client, key.id, key.bytes);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport", CurrentKeyMaterialId: next });
    await importInto(kms.client, key.id, second);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", CurrentKeyMaterialId: next });
    expect([await materialOf(old), await materialOf(fresh)]).toEqual([key.material, next]);
  });

  it("shows the earliest expiration of the materials that it needs", async () => {
    const key = await importedKey(kms, undefined, { ValidTo: inDays(20) });
    await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), { ImportType: "NEW_KEY_MATERIAL", ValidTo: inDays(10) });
    const [late, early] = [inDays(20), inDays(10)];
    expect((await metadataOf(key))?.ValidTo).toEqual(late);
    await rotate(key);
    expect(await metadataOf(key)).toMatchObject({ ValidTo: early, ExpirationModel: "KEY_MATERIAL_EXPIRES" });
    kms.advance({ days: 10 });
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
  });
});

/**
 * What Terraform's `aws_kms_external_key` calls: after each change it reads until it sees it, and gives up when it does not.
 * @see terraform-provider-aws, internal/service/kms/external_key.go
 */
describe("the calls of Terraform's aws_kms_external_key", () => {
  const read = async (key: TestKey) => {
    const { id: KeyId } = key;
    const [metadata, policy, tags] = await Promise.all([
      metadataOf(key),
      kms.client.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      kms.client.send(new ListResourceTagsCommand({ KeyId })),
    ]);
    return { metadata, policy: JSON.parse(policy.Policy ?? ""), tags: tags.Tags };
  };

  it("see each change in the very next read", async () => {
    const key = await kms.key({ Description: "made by Terraform", Tags: [{ TagKey: "a", TagValue: "b" }] });
    const created = await read(key);
    expect(created.metadata).toMatchObject({ KeyState: "PendingImport", Description: "made by Terraform", Origin: "EXTERNAL" });
    expect(created.tags).toEqual([{ TagKey: "a", TagValue: "b" }]);

    const ValidTo = inDays(7);
    await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), { ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo });
    // It waits for a key that has its material, and for the date.
    expect((await read(key)).metadata).toMatchObject({ KeyState: "Enabled", ValidTo, ExpirationModel: "KEY_MATERIAL_EXPIRES" });

    await kms.client.send(new UpdateKeyDescriptionCommand({ KeyId: key.id, Description: "changed" }));
    expect((await read(key)).metadata?.Description).toBe("changed");
    await kms.schedule(key.id);
    expect((await metadataOf(key))?.KeyState).toBe("PendingDeletion");
  });
});
