import { CreateAliasCommand, type KMSClient, ListAliasesCommand, type ListAliasesCommandInput, ListKeysCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { itAnswersInPages } from "./pages.ts";
import { itNeedsPermissionOnEverything } from "./permissions.ts";
import { ADMINISTRATOR, aliasArn, allowing, keyArn, members, OTHER_ACCOUNT, OTHER_REGION, startKms, type TestKey } from "./start.ts";

const UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab";
const list = (client: KMSClient, input: ListAliasesCommandInput = {}) => client.send(new ListAliasesCommand(input));

describe("ListAliases", () => {
  const kms = startKms();
  const names = ["alias/a", "alias/a/b", "alias/b", "alias/c", "alias/d", "alias/e"];
  let key: TestKey;
  let other: TestKey;
  const alias = (AliasName: string, TargetKeyId: string, client = kms.client) =>
    client.send(new CreateAliasCommand({ AliasName, TargetKeyId }));

  beforeAll(async () => {
    [key, other] = [await kms.key(), await kms.key()];
    for (const name of names.toReversed()) await alias(name, name === "alias/d" ? other.id : key.id);
  });

  it("answers the aliases by name, with their keys and dates", async () => {
    const { Aliases, ...page } = members(await list(kms.client));
    expect(page).toEqual({ Truncated: false });
    expect(Aliases).toEqual(
      names.map((name) => ({
        AliasName: name,
        AliasArn: aliasArn(name),
        TargetKeyId: name === "alias/d" ? other.id : key.id,
        CreationDate: kms.now(),
        LastUpdatedDate: kms.now(),
      })),
    );
  });

  it.each(["id", "arn"] as const)("answers those of one key, by its %s", async (form) => {
    expect((await list(kms.client, { KeyId: other[form] })).Aliases?.map(({ AliasName }) => AliasName)).toEqual(["alias/d"]);
    expect((await list(kms.client, { KeyId: key[form] })).Aliases).toHaveLength(names.length - 1);
    expect((await list(kms.client, { KeyId: (await kms.key())[form] })).Aliases).toEqual([]);
  });

  it("answers those of the caller's account and of the Region that is called only", async () => {
    const { client } = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    const theirs = await kms.key({}, client);
    await alias("alias/a", theirs.id, client);
    expect((await list(client)).Aliases).toMatchObject([{ AliasName: "alias/a", TargetKeyId: theirs.id }]);
    expect((await list(kms.kms(kms.administrator, OTHER_REGION))).Aliases).toEqual([]);
    expect((await list(kms.client)).Aliases).toHaveLength(names.length);
  });

  it("answers fifty at a time unless it is told otherwise", async () => {
    const client = kms.kms(kms.administrator, OTHER_REGION);
    const keys = [await kms.key({}, client), await kms.key({}, client)];
    await Promise.all(Array.from({ length: 51 }, (_, number) => alias(`alias/${number}`, keys[number % 2]?.id as string, client)));
    const first = await list(client);
    expect({ count: first.Aliases?.length, Truncated: first.Truncated }).toEqual({ count: 50, Truncated: true });
    expect((await list(client, { Marker: first.NextMarker })).Aliases).toHaveLength(1);
    expect((await list(client, { Limit: 100 })).Aliases).toHaveLength(51);
  });

  it("leaves a record, about no key", async () => {
    expect(await kms.told(await list(kms.client, { KeyId: key.id, Limit: 2 }))).toEqual({
      event: "ListAliases",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, limit: 2 },
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  describe("refuses as KeyId", () => {
    it.each(["alias/a", "alias/missing", aliasArn("alias/a")])("an alias: %s", async (KeyId) => {
      expect(await kms.refused(list(kms.client, { KeyId }))).toBe("InvalidArnException: Key Aliases are not supported for this operation.");
    });

    it.each([
      [UNKNOWN, `NotFoundException: Key '${keyArn(UNKNOWN)}' does not exist`],
      [keyArn(UNKNOWN), `NotFoundException: Key '${keyArn(UNKNOWN)}' does not exist`],
      [keyArn(UNKNOWN, "us-west-2"), "NotFoundException: Invalid arn us-west-2"],
      ["fake-key-id", "NotFoundException: Invalid keyId 'fake-key-id'"],
      [`arn:aws:kms:${HOME}:${ACCOUNT}:keys/a`, `InvalidArnException: Invalid arn arn:aws:kms:${HOME}:${ACCOUNT}:keys/a`],
    ])("%s", async (KeyId, refusal) => {
      expect(await kms.refused(list(kms.client, { KeyId }))).toBe(refusal);
    });

    it("a key of another account, even under an id that the caller's account has", async () => {
      const named = keyArn(key.id, HOME, OTHER_ACCOUNT);
      expect(await kms.refused(list(kms.client, { KeyId: named }))).toBe(`NotFoundException: Key '${named}' does not exist`);
    });

    it("a key whose waiting period is over", async () => {
      const gone = await kms.keyIn("Gone");
      expect(await kms.refused(list(kms.client, { KeyId: gone.id }))).toBe(`NotFoundException: Key '${gone.arn}' does not exist`);
    });
  });

  it("takes a marker only for the key that it was answered for", async () => {
    const { NextMarker: Marker } = await list(kms.client, { KeyId: key.id, Limit: 1 });
    expect((await list(kms.client, { KeyId: key.id, Marker })).Aliases).toHaveLength(names.length - 2);
    expect(await kms.refused(list(kms.client, { KeyId: other.id, Marker }))).toMatch(/^InvalidMarkerException: /);
    expect(await kms.refused(list(kms.client, { Marker }))).toMatch(/^InvalidMarkerException: /);
  });

  itAnswersInPages(kms, {
    list: async (client, page) => {
      const answer = await list(client, page);
      return { ...answer, names: (answer.Aliases ?? []).map(({ AliasName }) => AliasName) };
    },
    all: () => names,
    most: 100,
    policy: allowing("kms:ListAliases"),
    another: (page) => kms.client.send(new ListKeysCommand(page)),
  });
  itNeedsPermissionOnEverything(kms, "kms:ListAliases", list);
});
