import { type KMSClient, ListResourceTagsCommand, type Tag, TagResourceCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const tag = (TagKey: string, TagValue = ""): Tag => ({ TagKey, TagValue });
const numbered = (count: number, prefix = "tag"): Tag[] => Array.from({ length: count }, (_, number) => tag(`${prefix}-${number}`));
const tagResource = (client: KMSClient, KeyId: string, Tags: Tag[] = [tag("team", "sales")]) =>
  client.send(new TagResourceCommand({ KeyId, Tags }));

describe("TagResource", () => {
  const kms = startKms();
  const tagsOf = async (KeyId: string) => (await kms.client.send(new ListResourceTagsCommand({ KeyId }))).Tags;

  it("adds tags, gives new values to those that are there, keeps the others, and answers nothing", async () => {
    const key = await kms.key({ Tags: [tag("kept", "1"), tag("changed", "1")] });
    expect(members(await tagResource(kms.client, key.id, [tag("changed", "2"), tag("added", "3")]))).toEqual({});
    expect(await tagsOf(key.id)).toEqual([tag("added", "3"), tag("changed", "2"), tag("kept", "1")]);
  });

  it("leaves an intent, and a record with the tags", async () => {
    const key = await kms.key();
    expect(await kms.told(await tagResource(kms.client, key.id, [tag("team", "sales"), tag("empty")]))).toEqual({
      event: "TagResource",
      caller: ADMINISTRATOR,
      parameters: {
        keyId: key.id,
        tags: [
          { tagKey: "team", tagValue: "sales" },
          { tagKey: "empty", tagValue: "" },
        ],
      },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  it("takes any text, and tells letter cases apart", async () => {
    const key = await kms.key();
    const tags = [
      tag("__proto__", "1"),
      tag("Größe ≥ 😀", "ja"),
      tag("Team", "a"),
      tag("team", "b"),
      tag("k".repeat(128), "v".repeat(256)),
    ];
    await tagResource(kms.client, key.id, tags);
    expect(await tagsOf(key.id)).toEqual(expect.arrayContaining(tags));
    expect(await tagsOf(key.id)).toHaveLength(tags.length);
  });

  it("keeps all the tags that are added at the same time", async () => {
    const key = await kms.key();
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => tagResource(kms.client, key.id, [tag(name)])));
    expect(await tagsOf(key.id)).toEqual(names.map((name) => tag(name)));
  });

  it("lets a key have fifty tags, counting those that it has", async () => {
    const key = await kms.key({ Tags: numbered(49) });
    await tagResource(kms.client, key.id, [tag("tag-0", "again"), tag("fiftieth")]);
    expect(await tagsOf(key.id)).toHaveLength(50);
    expect(await kms.refused(tagResource(kms.client, key.id, [tag("one more")]))).toBe("TagException: Too many tags");
    await tagResource(kms.client, key.id, [tag("fiftieth", "changed")]);
  });

  it.each([
    ["the same key twice", [tag("a", "1"), tag("b"), tag("a", "2")], "Duplicate tag keys"],
    ["the reserved prefix", [tag("aws:a")], "Tags beginning with aws: are reserved"],
    ["the reserved prefix in any case", [tag("AWS:a")], "Tags beginning with aws: are reserved"],
    ["more than fifty", numbered(51), "Too many tags"],
  ])("refuses %s, and adds none of them", async (_, tags, text) => {
    const key = await kms.key();
    expect(await kms.refused(tagResource(kms.client, key.id, tags))).toBe(`TagException: ${text}`);
    expect(await tagsOf(key.id)).toEqual([]);
  });

  it.each([
    ["a key of no length", tag(""), "tagKey", "''", "have length greater than or equal to 1"],
    ["a key that is too long", tag("k".repeat(129)), "tagKey", `'${"k".repeat(129)}'`, "have length less than or equal to 128"],
    ["a value that is too long", tag("k", "v".repeat(257)), "tagValue", `'${"v".repeat(257)}'`, "have length less than or equal to 256"],
    ["a tag without key", { TagValue: "v" }, "tagKey", "null", "not be null"],
    ["a tag without value", { TagKey: "k" }, "tagValue", "null", "not be null"],
  ])("refuses %s, and says which", async (_, broken, member, value, rule) => {
    expect(await kms.refused(tagResource(kms.client, "alias/any", [tag("fine"), broken as Tag]))).toBe(
      `ValidationException: 1 validation error detected: Value ${value} at 'tags.2.member.${member}' failed to satisfy constraint: Member must ${rule}`,
    );
  });

  itTakesIdsAndArns(kms, "kms:TagResource", tagResource);
  itFollowsKeyStates(kms, tagResource, notPendingDeletion);
  itNeedsPermission(kms, "kms:TagResource", tagResource);
  itStaysInItsAccount(kms, "kms:TagResource", tagResource);
  itRequires(kms, "keyId", (client) => client.send(new TagResourceCommand({ Tags: [] } as never)));
  itRequires(kms, "tags", (client) => client.send(new TagResourceCommand({ KeyId: "alias/any" } as never)));
});
