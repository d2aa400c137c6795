import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const enable = (client: KMSClient, KeyId: string) => client.send(new EnableKeyCommand({ KeyId }));

describe("EnableKey", () => {
  const kms = startKms();

  it("makes a disabled key usable again, for what was encrypted before too, and answers nothing", async () => {
    const key = await kms.key();
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    expect(members(await enable(kms.client, key.id))).toEqual({});
    const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata).toMatchObject({ KeyState: "Enabled", Enabled: true });
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.arn);
  });

  it("leaves an intent, and a record with the version that the key has now", async () => {
    const key = await kms.keyIn("Disabled");
    expect(await kms.told(await enable(kms.client, key.id))).toEqual({
      event: "EnableKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 3)],
      changes: [keyItem(key.id, 3)],
    });
  });

  itTakesIdsAndArns(kms, "kms:EnableKey", enable);
  itFollowsKeyStates(kms, enable, notPendingDeletion);
  itNeedsPermission(kms, "kms:EnableKey", enable);
  itStaysInItsAccount(kms, "kms:EnableKey", enable);
  itRequires(kms, "keyId", (client) => client.send(new EnableKeyCommand({} as never)));
});
