import { CreateAliasCommand, type KMSClient, ListAliasesCommand, ListKeysCommand, type ListKeysCommandInput } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { itAnswersInPages } from "./pages.ts";
import { itNeedsPermissionOnEverything } from "./permissions.ts";
import { ADMINISTRATOR, allowing, keyArn, members, OTHER_ACCOUNT, OTHER_REGION, startKms } from "./start.ts";

const list = (client: KMSClient, input: ListKeysCommandInput = {}) => client.send(new ListKeysCommand(input));

describe("ListKeys", () => {
  const kms = startKms();
  let ids: string[];

  beforeAll(async () => {
    ids = (await Promise.all(Array.from({ length: 8 }, () => kms.key()))).map(({ id }) => id).sort();
  });

  it("answers id and ARN of every key, in every state", async () => {
    const here = kms.kms(kms.administrator, OTHER_REGION);
    expect(members(await list(here))).toEqual({ Keys: [], Truncated: false });
    const { id, arn } = await kms.key({}, here);
    expect(members(await list(here))).toEqual({ Keys: [{ KeyId: id, KeyArn: arn }], Truncated: false });
  });

  it("answers the keys of the caller's account and of the Region that is called only", async () => {
    const { client } = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    const [mine, elsewhere] = [await kms.key({}, client), kms.kms(kms.administrator, "us-west-2")];
    expect((await list(client)).Keys).toEqual([{ KeyId: mine.id, KeyArn: mine.arn }]);
    expect((await list(elsewhere)).Keys).toEqual([]);
    expect((await list(kms.client)).Keys).toEqual(ids.map((id) => ({ KeyId: id, KeyArn: keyArn(id) })));
  });

  it("answers a hundred at a time unless it is told otherwise", async () => {
    const client = kms.kms(kms.administrator, "ap-south-1");
    await Promise.all(Array.from({ length: 101 }, () => kms.key({}, client)));
    const first = await list(client);
    expect({ count: first.Keys?.length, Truncated: first.Truncated }).toEqual({ count: 100, Truncated: true });
    expect((await list(client, { Marker: first.NextMarker })).Keys).toHaveLength(1);
    expect((await list(client, { Limit: 1000 })).Keys).toHaveLength(101);
  });

  it("leaves a record, about no key", async () => {
    expect(await kms.told(await list(kms.client, { Limit: 2 }))).toEqual({
      event: "ListKeys",
      caller: ADMINISTRATOR,
      parameters: { limit: 2 },
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  describe("with ResourceOwners, which this SDK does not know,", () => {
    const listOf = async (ResourceOwners: readonly string[], rest: object = {}) =>
      JSON.parse((await kms.raw("ListKeys", { ResourceOwners, ...rest })).text);

    it("lists nothing that is shared through RAM, for there is none", async () => {
      expect(await listOf(["OTHER_ACCOUNTS_VIA_RAM"])).toEqual({ Keys: [], Truncated: false });
      const own = { Keys: ids.map((id) => ({ KeyId: id, KeyArn: keyArn(id) })), Truncated: false };
      expect(await listOf(["SELF"])).toEqual(own);
      expect(await listOf(["SELF", "OTHER_ACCOUNTS_VIA_RAM"])).toEqual(own);
    });

    it("takes a marker only for the owners that it was answered for; SELF is the same as none", async () => {
      const { NextMarker: Marker } = await list(kms.client, { Limit: 1 });
      expect((await listOf(["SELF"], { Marker })).Keys).toHaveLength(ids.length - 1);
      expect((await listOf(["SELF", "OTHER_ACCOUNTS_VIA_RAM"], { Marker })).__type).toBe("InvalidMarkerException");
    });

    it.each([
      [
        ["EVERYBODY"],
        "Value 'EVERYBODY' at 'resourceOwners.1.member' failed to satisfy constraint: Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]",
      ],
      [[], "Value '[]' at 'resourceOwners' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    ])("refuses %o", async (owners, violation) => {
      expect(await listOf(owners)).toEqual({ __type: "ValidationException", message: `1 validation error detected: ${violation}` });
    });
  });

  it("refuses another Region's marker", async () => {
    const here = kms.kms(kms.administrator, OTHER_REGION);
    const { NextMarker: Marker } = await list(kms.client, { Limit: 1 });
    expect(await kms.refused(list(here, { Marker }), OTHER_REGION)).toMatch(/^InvalidMarkerException: /);
  });

  itAnswersInPages(kms, {
    list: async (client, page) => {
      const answer = await list(client, page);
      return { ...answer, names: (answer.Keys ?? []).map(({ KeyId }) => KeyId) };
    },
    all: () => ids,
    most: 1000,
    policy: allowing("kms:ListKeys"),
    async another(page) {
      for (const AliasName of ["alias/a", "alias/b"]) {
        await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: ids[0] })).catch(() => undefined);
      }
      return kms.client.send(new ListAliasesCommand(page));
    },
  });
  itNeedsPermissionOnEverything(kms, "kms:ListKeys", list);
});
