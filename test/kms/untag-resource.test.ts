import { type KMSClient, ListResourceTagsCommand, UntagResourceCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const untag = (client: KMSClient, KeyId: string, TagKeys = ["team"]) => client.send(new UntagResourceCommand({ KeyId, TagKeys }));

describe("UntagResource", () => {
  const kms = startKms();
  const Tags = ["a", "b", "team"].map((TagKey) => ({ TagKey, TagValue: "1" }));
  const tagsOf = async (KeyId: string) => (await kms.client.send(new ListResourceTagsCommand({ KeyId }))).Tags?.map(({ TagKey }) => TagKey);

  it("removes tags by their keys, and answers nothing", async () => {
    const key = await kms.key({ Tags });
    expect(members(await untag(kms.client, key.id, ["a", "team"]))).toEqual({});
    expect(await tagsOf(key.id)).toEqual(["b"]);
  });

  it("does not mind a tag that is not there, and tells letter cases apart", async () => {
    const key = await kms.key({ Tags });
    await untag(kms.client, key.id, ["TEAM", "nothing", "__proto__"]);
    expect(await tagsOf(key.id)).toEqual(["a", "b", "team"]);
  });

  it("leaves an intent, and a record with the keys", async () => {
    const key = await kms.key({ Tags });
    expect(await kms.told(await untag(kms.client, key.arn, ["a"]))).toEqual({
      event: "UntagResource",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, tagKeys: ["a"] },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  it.each([
    ["no length", "", "greater than or equal to 1"],
    ["too many characters", "k".repeat(129), "less than or equal to 128"],
  ])("refuses a key of %s, and says which", async (_, broken, rule) => {
    expect(await kms.refused(untag(kms.client, "alias/any", ["a", broken]))).toBe(
      `ValidationException: 1 validation error detected: Value '${broken}' at 'tagKeys.2.member' failed to satisfy constraint: Member must have length ${rule}`,
    );
  });

  itTakesIdsAndArns(kms, "kms:UntagResource", untag);
  itFollowsKeyStates(kms, untag, notPendingDeletion);
  itNeedsPermission(kms, "kms:UntagResource", untag);
  itStaysInItsAccount(kms, "kms:UntagResource", untag);
  itRequires(kms, "keyId", (client) => client.send(new UntagResourceCommand({ TagKeys: [] } as never)));
  itRequires(kms, "tagKeys", (client) => client.send(new UntagResourceCommand({ KeyId: "alias/any" } as never)));
});
