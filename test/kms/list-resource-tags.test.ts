import { type KMSClient, ListKeysCommand, ListResourceTagsCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itAnswersInPages } from "./pages.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, startKms, type TestKey } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const list = (client: KMSClient, KeyId: string, page: { Limit?: number; Marker?: string } = {}) =>
  client.send(new ListResourceTagsCommand({ KeyId, ...page }));

describe("ListResourceTags", () => {
  const kms = startKms();
  const names = ["a", "b", "c", "d", "e", "f", "team"];
  let tagged: TestKey;

  beforeAll(async () => {
    tagged = await kms.key({ Tags: names.toReversed().map((TagKey) => ({ TagKey, TagValue: TagKey.toUpperCase() })) });
  });

  it("answers the tags by name", async () => {
    const key = await kms.key({
      Tags: [
        { TagKey: "team", TagValue: "sales" },
        { TagKey: "Team", TagValue: "" },
      ],
    });
    expect(members(await list(kms.client, key.id))).toEqual({
      Tags: [
        { TagKey: "Team", TagValue: "" },
        { TagKey: "team", TagValue: "sales" },
      ],
      Truncated: false,
    });
  });

  it("answers an empty list for a key without tags", async () => {
    const key = await kms.key();
    expect(members(await list(kms.client, key.id))).toEqual({ Tags: [], Truncated: false });
  });

  it("answers fifty at a time, which are all that a key can have", async () => {
    const key = await kms.key({ Tags: Array.from({ length: 50 }, (_, number) => ({ TagKey: `tag-${number}`, TagValue: "" })) });
    const answer = await list(kms.client, key.id);
    expect({ count: answer.Tags?.length, Truncated: answer.Truncated }).toEqual({ count: 50, Truncated: false });
  });

  it("leaves a record", async () => {
    const answer = await list(kms.client, tagged.id, { Limit: 2 });
    expect(await kms.told(answer)).toEqual({
      event: "ListResourceTags",
      caller: ADMINISTRATOR,
      parameters: { keyId: tagged.id, limit: 2 },
      resources: [tagged.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a marker of another key's tags", async () => {
    const other = await kms.key();
    const { NextMarker = "" } = await list(kms.client, tagged.id, { Limit: 2 });
    expect(await kms.refused(list(kms.client, other.id, { Marker: NextMarker }))).toMatch(/^InvalidMarkerException: /);
  });

  itAnswersInPages(kms, {
    list: async (client, page) => {
      const answer = await client.send(new ListResourceTagsCommand({ KeyId: tagged.arn, ...page }));
      return { ...answer, names: (answer.Tags ?? []).map(({ TagKey }) => TagKey) };
    },
    all: () => names,
    most: 50,
    policy: allowing("kms:ListResourceTags"),
    another: (page) => kms.client.send(new ListKeysCommand(page)),
  });
  itTakesIdsAndArns(kms, "kms:ListResourceTags", list);
  itFollowsKeyStates(kms, list, always);
  itNeedsPermission(kms, "kms:ListResourceTags", list);
  itStaysInItsAccount(kms, "kms:ListResourceTags", list);
  itRequires(kms, "keyId", (client) => client.send(new ListResourceTagsCommand({} as never)));
});
