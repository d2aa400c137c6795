import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { EXTERNAL, FOR_EVER, importedKey, importInto, newMaterial } from "./imported.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms, type TestKey } from "./start.ts";

const ACTION = "kms:DeleteImportedKeyMaterial";
const remove = (client: KMSClient, KeyId: string, KeyMaterialId?: string) =>
  client.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }));
const Plaintext = Buffer.from("attack at dawn");

describe("DeleteImportedKeyMaterial", () => {
  const kms = startKms(EXTERNAL);
  const metadataOf = async ({ id }: TestKey) => (await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata;
  const rowOf = async ({ id }: TestKey) =>
    JSON.parse((await kms.database.table("keys", HOME).get({ pk: `K#${id}`, sk: "KEY" }))?.body ?? "");

  it("leaves a key pending import, that still says which material it needs", async () => {
    const key = await importedKey(kms);
    expect(members(await remove(kms.client, key.id))).toEqual({ KeyId: key.arn, KeyMaterialId: key.material });
    const after = await metadataOf(key);
    expect(after).toMatchObject({ Enabled: false, KeyState: "PendingImport", CurrentKeyMaterialId: key.material });
    expect(after).not.toHaveProperty("ExpirationModel");
  });

  it("deletes the bytes at once: nothing decrypts until the same are imported again", async () => {
    const key = await importedKey(kms);
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    await remove(kms.client, key.id);
    expect((await rowOf(key)).materials[0].w).toBeUndefined();
    const pending = `KMSInvalidStateException: ${key.arn} is pending import.`;
    expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe(pending);
    expect(await kms.refused(kms.client.send(new EnableKeyCommand({ KeyId: key.id })))).toBe(pending);
    expect(await kms.refused(kms.client.send(new DisableKeyCommand({ KeyId: key.id })))).toBe(pending);
    await importInto(kms.client, key.id, key.bytes);
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it("leaves an intent, and a record", async () => {
    const key = await importedKey(kms);
    expect(await kms.told(await remove(kms.client, key.id))).toEqual({
      event: "DeleteImportedKeyMaterial",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      response: { keyId: key.arn, keyMaterialId: key.material },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 3)],
      changes: [keyItem(key.id, 3)],
    });
  });

  it("has nothing to do where there is no material, or no more", async () => {
    const [never, gone] = [await kms.key(), await importedKey(kms)];
    await remove(kms.client, gone.id);
    const answers = [await remove(kms.client, never.id), await remove(kms.client, gone.id, gone.material)];
    expect(answers.map(members)).toEqual([{ KeyId: never.arn }, { KeyId: gone.arn, KeyMaterialId: gone.material }]);
    for (const answer of answers) expect((await kms.told(answer)).changes).toEqual([]);
  });

  it("drops what is pending rotation, and nothing else is missing then", async () => {
    const key = await importedKey(kms);
    const fresh = { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" } as const;
    const { KeyMaterialId } = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), fresh);
    expect(members(await remove(kms.client, key.id, KeyMaterialId))).toEqual({ KeyId: key.arn, KeyMaterialId });
    expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", CurrentKeyMaterialId: key.material });
    expect(await rowOf(key)).not.toHaveProperty("pending");
  });

  it("refuses a material that the key never had", async () => {
    const key = await importedKey(kms);
    const id = "0".repeat(64);
    expect(await kms.refused(remove(kms.client, key.id, id))).toBe(`NotFoundException: Key material '${id}' does not exist`);
    expect(await kms.refused(remove(kms.client, (await kms.key()).id, id))).toBe(`NotFoundException: Key material '${id}' does not exist`);
  });

  it("leaves a pair its public half; a pair that never had one has none to show", async () => {
    const publicKey = ({ id }: TestKey) => kms.client.send(new GetPublicKeyCommand({ KeyId: id }));
    const pair = await importedKey(kms, ["ECC_NIST_P256", "SIGN_VERIFY"]);
    const { PublicKey } = await publicKey(pair);
    await remove(kms.client, pair.id);
    expect((await publicKey(pair)).PublicKey).toEqual(PublicKey);
    const never = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    expect(await kms.refused(publicKey(never))).toBe(`KMSInvalidStateException: ${never.arn} is pending import.`);
  });

  it("takes a key that is pending deletion, which stays so, and is pending import once it is saved", async () => {
    const key = await importedKey(kms);
    await kms.schedule(key.id);
    await remove(kms.client, key.id);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingDeletion" });
    await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
  });

  it("takes a disabled key", async () => {
    const key = await importedKey(kms);
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    await remove(kms.client, key.id);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
  });

  it("refuses a key whose material KMS made, in whatever state", async () => {
    const key = await kms.key({ Origin: "AWS_KMS" });
    const refusal = `UnsupportedOperationException: ${key.arn} origin is AWS_KMS which is not valid for this operation.`;
    expect(await kms.refused(remove(kms.client, key.id))).toBe(refusal);
    await kms.schedule(key.id);
    expect(await kms.refused(remove(kms.client, key.id))).toBe(refusal);
  });

  itTakesIdsAndArns(kms, ACTION, remove);
  itNeedsPermission(kms, ACTION, remove);
  itStaysInItsAccount(kms, ACTION, remove);
  itRequires(kms, "keyId", (client) => client.send(new DeleteImportedKeyMaterialCommand({} as never)));
});
