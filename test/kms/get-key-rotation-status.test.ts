import { GetKeyRotationStatusCommand, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const get = (client: KMSClient, KeyId: string) => client.send(new GetKeyRotationStatusCommand({ KeyId }));

describe("GetKeyRotationStatus", () => {
  const kms = startKms();

  it("answers that the key is not rotated, and neither period nor date", async () => {
    const key = await kms.key();
    expect(members(await get(kms.client, key.id))).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
  });

  it.each(["Disabled", "PendingDeletion"] as const)("answers the same of a key that is %s", async (state) => {
    const key = await kms.keyIn(state);
    expect(members(await get(kms.client, key.id))).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
  });

  it.each([
    ["RSA_2048", "SIGN_VERIFY"],
    ["ECC_NIST_P256", "KEY_AGREEMENT"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
    ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE"],
  ] as const)("answers it of keys that are never rotated, too: %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(members(await get(kms.client, key.id))).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await get(kms.client, key.arn))).toEqual({
      event: "GetKeyRotationStatus",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  itTakesIdsAndArns(kms, "kms:GetKeyRotationStatus", get);
  itFollowsKeyStates(kms, get, always);
  itNeedsPermission(kms, "kms:GetKeyRotationStatus", get);
  itWorksAcrossAccounts(kms, "kms:GetKeyRotationStatus", get);
  itRequires(kms, "keyId", (client) => client.send(new GetKeyRotationStatusCommand({} as never)));
});
