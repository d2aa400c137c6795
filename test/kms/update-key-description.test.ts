import { DescribeKeyCommand, type KMSClient, UpdateKeyDescriptionCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const update = (client: KMSClient, KeyId: string, Description = "orders") =>
  client.send(new UpdateKeyDescriptionCommand({ KeyId, Description }));

describe("UpdateKeyDescription", () => {
  const kms = startKms();
  const descriptionOf = async (KeyId: string) => (await kms.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description;

  it.each(["orders of 2026", "", "Schlüssel für 😀", "x".repeat(8192)])(
    "changes the description, and answers nothing: %#",
    async (text) => {
      const key = await kms.key({ Description: "before" });
      expect(members(await update(kms.client, key.id, text))).toEqual({});
      expect(await descriptionOf(key.id)).toBe(text);
    },
  );

  it("changes nothing else", async () => {
    const key = await kms.key({ Tags: [{ TagKey: "a", TagValue: "b" }] });
    const before = await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    await update(kms.client, key.id);
    const after = await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(after.KeyMetadata).toEqual({ ...before.KeyMetadata, Description: "orders" });
  });

  it("leaves an intent, and a record with the description", async () => {
    const key = await kms.key();
    expect(await kms.told(await update(kms.client, key.id))).toEqual({
      event: "UpdateKeyDescription",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, description: "orders" },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  it("refuses more than 8,192 characters, and changes nothing", async () => {
    const key = await kms.key();
    expect(await kms.refused(update(kms.client, key.id, "x".repeat(8193)))).toBe(
      `ValidationException: 1 validation error detected: Value '${"x".repeat(2048)}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192`,
    );
    expect(await descriptionOf(key.id)).toBe("");
  });

  itTakesIdsAndArns(kms, "kms:UpdateKeyDescription", update);
  itFollowsKeyStates(kms, update, notPendingDeletion);
  itNeedsPermission(kms, "kms:UpdateKeyDescription", update);
  itStaysInItsAccount(kms, "kms:UpdateKeyDescription", update);
  itRequires(kms, "keyId", (client) => client.send(new UpdateKeyDescriptionCommand({ Description: "a" } as never)));
  itRequires(kms, "description", (client) => client.send(new UpdateKeyDescriptionCommand({ KeyId: "alias/any" } as never)));
});
