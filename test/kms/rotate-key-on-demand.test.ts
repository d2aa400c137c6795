import {
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const MINUTE = 60_000;
const rotate = (client: KMSClient, KeyId: string) => client.send(new RotateKeyOnDemandCommand({ KeyId }));

describe("RotateKeyOnDemand", () => {
  const kms = startKms();
  const current = async (KeyId: string) =>
    (await kms.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId ?? "";
  const encrypt = async (KeyId: string) =>
    (await kms.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("a") }))).CiphertextBlob as Uint8Array;

  it("gives the key new material at once; it stays the same key", async () => {
    const key = await kms.key();
    expect(members(await rotate(kms.client, key.id))).toEqual({ KeyId: key.arn });
    const material = await current(key.id);
    expect(material).toMatch(/^[0-9a-f]{64}$/);
    expect(material).not.toBe(key.material);
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata).toMatchObject({ Arn: key.arn, KeyId: key.id });
  });

  it("keeps what was encrypted before, and every answer names the material that was used", async () => {
    const key = await kms.key();
    const before = await encrypt(key.id);
    await rotate(kms.client, key.id);
    const [after, material] = [await encrypt(key.id), await current(key.id)];

    const decrypt = async (CiphertextBlob: Uint8Array) => kms.client.send(new DecryptCommand({ CiphertextBlob }));
    expect(await decrypt(before)).toMatchObject({ KeyId: key.arn, KeyMaterialId: key.material });
    expect(await decrypt(after)).toMatchObject({ KeyId: key.arn, KeyMaterialId: material });
    expect(await kms.client.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256" }))).toMatchObject({
      KeyMaterialId: material,
    });
    const renewed = await kms.client.send(new ReEncryptCommand({ CiphertextBlob: before, DestinationKeyId: key.id }));
    expect(renewed).toMatchObject({ SourceKeyMaterialId: key.material, DestinationKeyMaterialId: material });
  });

  it("leaves the automatic rotation as it is, on or off", async () => {
    const key = await kms.key();
    const status = async () => members(await kms.client.send(new GetKeyRotationStatusCommand({ KeyId: key.id })));
    await rotate(kms.client, key.id);
    expect(await status()).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
    const on = await status();
    kms.advance({ days: 1 });
    await rotate(kms.client, key.id);
    expect(await status()).toEqual(on);
  });

  it("is done 25 times with a key, and no more", async () => {
    const key = await kms.key();
    for (let times = 1; times <= 25; times += 1) await rotate(kms.client, key.id);
    expect(await kms.refused(rotate(kms.client, key.id))).toBe(
      `LimitExceededException: The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
    );
    expect((await kms.client.send(new ListKeyRotationsCommand({ KeyId: key.id }))).Rotations).toHaveLength(25);
  });

  it("is done once each, however many ask at the same time", async () => {
    const key = await kms.key();
    await Promise.all(Array.from({ length: 5 }, () => rotate(kms.client, key.id)));
    const { Rotations = [] } = await kms.client.send(new ListKeyRotationsCommand({ KeyId: key.id }));
    expect(new Set(Rotations.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(5);
  });

  it("is refused when an automatic rotation is 20 minutes away or less", async () => {
    const key = await kms.key();
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
    kms.advance({ days: 90, ms: -20 * MINUTE - 1 });
    await rotate(kms.client, key.id);
    kms.advance({ ms: 1 });
    expect(await kms.refused(rotate(kms.client, key.id))).toBe(
      "ConflictException: An automatic rotation of this key is in progress or scheduled within the next 20 minutes.",
    );
  });

  it.each([
    ["RSA_2048", "ENCRYPT_DECRYPT"],
    ["ECC_NIST_P256", "SIGN_VERIFY"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ] as const)("is not for keys that are never rotated: %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(rotate(kms.client, key.id))).toBe("UnsupportedOperationException");
  });

  it("leaves an intent, and a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await rotate(kms.client, key.id))).toEqual({
      event: "RotateKeyOnDemand",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      response: { keyId: key.arn },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  itTakesIdsAndArns(kms, "kms:RotateKeyOnDemand", rotate);
  itFollowsKeyStates(kms, rotate, cryptographic);
  itNeedsPermission(kms, "kms:RotateKeyOnDemand", rotate);
  itStaysInItsAccount(kms, "kms:RotateKeyOnDemand", rotate);
  itRequires(kms, "keyId", (client) => client.send(new RotateKeyOnDemandCommand({} as never)));
});
