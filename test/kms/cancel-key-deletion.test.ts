import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import type { OnKey } from "./identifiers.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, works } from "./states.ts";

const cancel = (client: KMSClient, KeyId: string) => client.send(new CancelKeyDeletionCommand({ KeyId }));

describe("CancelKeyDeletion", () => {
  const kms = startKms();
  /** After the key was scheduled to be deleted, where there is a key that can be. */
  const cancelScheduled: OnKey = async (client, KeyId) => {
    await kms.schedule(KeyId).catch(() => undefined);
    return cancel(client, KeyId);
  };

  it("answers the key's ARN, and leaves the key disabled, without a deletion date", async () => {
    const key = await kms.keyIn("PendingDeletion");
    expect(members(await cancel(kms.client, key.id))).toEqual({ KeyId: key.arn });
    const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata).toMatchObject({ KeyState: "Disabled", Enabled: false });
    expect(KeyMetadata).not.toHaveProperty("DeletionDate");
    kms.advance({ days: 30 });
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata?.KeyState).toBe("Disabled");
  });

  it("saves what was encrypted under the key", async () => {
    const key = await kms.key();
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
    await kms.schedule(key.id);
    await cancel(kms.client, key.id);
    await kms.client.send(new EnableKeyCommand({ KeyId: key.id }));
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.arn);
  });

  it("leaves an intent, and a record", async () => {
    const key = await kms.keyIn("PendingDeletion");
    expect(await kms.told(await cancel(kms.client, key.id))).toEqual({
      event: "CancelKeyDeletion",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      response: { keyId: key.arn },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 3)],
      changes: [keyItem(key.id, 3)],
    });
  });

  it("comes too late when the waiting period is over", async () => {
    const key = await kms.keyIn("Gone");
    expect(await kms.refused(cancel(kms.client, key.id))).toBe(`NotFoundException: Key '${key.arn}' does not exist`);
  });

  itTakesIdsAndArns(kms, "kms:CancelKeyDeletion", cancelScheduled);
  itFollowsKeyStates(kms, cancel, {
    Enabled: "KMSInvalidStateException: <arn> is not pending deletion.",
    Disabled: "KMSInvalidStateException: <arn> is not pending deletion.",
    PendingDeletion: works,
  });
  itNeedsPermission(kms, "kms:CancelKeyDeletion", cancelScheduled);
  itStaysInItsAccount(kms, "kms:CancelKeyDeletion", cancelScheduled);
  itRequires(kms, "keyId", (client) => client.send(new CancelKeyDeletionCommand({} as never)));
});
