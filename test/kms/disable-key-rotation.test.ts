import {
  DecryptCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const disable = (client: KMSClient, KeyId: string) => client.send(new DisableKeyRotationCommand({ KeyId }));

describe("DisableKeyRotation", () => {
  const kms = startKms();
  const status = async (KeyId: string) => members(await kms.client.send(new GetKeyRotationStatusCommand({ KeyId })));

  it("turns automatic rotation off, and answers nothing", async () => {
    const key = await kms.key();
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id }));
    expect(members(await disable(kms.client, key.id))).toEqual({});
    expect(await status(key.id)).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
  });

  it("keeps every material", async () => {
    const key = await kms.key();
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: key.id }));
    await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.id }));
    await disable(kms.client, key.id);
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyMaterialId).toBe(key.material);
  });

  it("takes a key whose rotation is off", async () => {
    const key = await kms.key();
    await disable(kms.client, key.id);
    expect(await status(key.id)).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
  });

  it.each([
    ["ECC_NIST_P256", "SIGN_VERIFY"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ] as const)("is not for keys that are never rotated: %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(disable(kms.client, key.id))).toBe("UnsupportedOperationException");
  });

  it("leaves an intent, and a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await disable(kms.client, key.id))).toEqual({
      event: "DisableKeyRotation",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  itTakesIdsAndArns(kms, "kms:DisableKeyRotation", disable);
  itFollowsKeyStates(kms, disable, cryptographic);
  itNeedsPermission(kms, "kms:DisableKeyRotation", disable);
  itStaysInItsAccount(kms, "kms:DisableKeyRotation", disable);
  itRequires(kms, "keyId", (client) => client.send(new DisableKeyRotationCommand({} as never)));
});
