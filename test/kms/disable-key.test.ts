import { DescribeKeyCommand, DisableKeyCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const disable = (client: KMSClient, KeyId: string) => client.send(new DisableKeyCommand({ KeyId }));

describe("DisableKey", () => {
  const kms = startKms();

  it("makes a key unusable at once, and answers nothing", async () => {
    const key = await kms.key();
    expect(members(await disable(kms.client, key.id))).toEqual({});
    const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata).toMatchObject({ KeyState: "Disabled", Enabled: false });
    const encrypted = kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
    expect(await kms.refused(encrypted)).toBe(`DisabledException: ${key.arn} is disabled.`);
  });

  it("leaves an intent, and a record with the version that the key has now", async () => {
    const key = await kms.key();
    expect(await kms.told(await disable(kms.client, key.arn))).toEqual({
      event: "DisableKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  itTakesIdsAndArns(kms, "kms:DisableKey", disable);
  itFollowsKeyStates(kms, disable, notPendingDeletion);
  itNeedsPermission(kms, "kms:DisableKey", disable);
  itStaysInItsAccount(kms, "kms:DisableKey", disable);
  itRequires(kms, "keyId", (client) => client.send(new DisableKeyCommand({} as never)));
});
