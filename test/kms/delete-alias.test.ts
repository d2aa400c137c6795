import { CreateAliasCommand, DeleteAliasCommand, DescribeKeyCommand, type KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires } from "./identifiers.ts";
import { setPolicy } from "./permissions.ts";
import { ADMINISTRATOR, aliasArn, aliasItem, allowing, denying, members, OTHER_ACCOUNT, startKms } from "./start.ts";

describe("DeleteAlias", () => {
  const kms = startKms();
  const remove = (AliasName: string, client: KMSClient = kms.client) => client.send(new DeleteAliasCommand({ AliasName }));
  const create = (AliasName: string, TargetKeyId: string) => kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  const alias = async () => {
    const [name, { id, arn }] = [kms.newName("alias/removed"), await kms.key()];
    await create(name, id);
    return { name, id, arn };
  };
  const notFound = (name: string) => `NotFoundException: Alias ${aliasArn(name)} is not found.`;

  it("removes a name, leaves its key as it was, and answers nothing", async () => {
    const { name, id } = await alias();
    expect(members(await remove(name))).toEqual({});
    expect(await kms.refused(kms.client.send(new DescribeKeyCommand({ KeyId: name })))).toBe(notFound(name));
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.KeyState).toBe("Enabled");
    expect((await kms.client.send(new ListAliasesCommand({ KeyId: id }))).Aliases).toEqual([]);
  });

  it("leaves an intent, and a record about key and alias", async () => {
    const { name, arn } = await alias();
    expect(await kms.told(await remove(name))).toEqual({
      event: "DeleteAlias",
      caller: ADMINISTRATOR,
      parameters: { aliasName: name },
      resources: [arn, aliasArn(name)],
      readOnly: false,
      intents: [aliasItem(name, 0)],
      changes: [aliasItem(name, 0)],
    });
  });

  it("leaves the name to whoever wants it next", async () => {
    const [{ name }, next] = [await alias(), await kms.key()];
    await remove(name);
    await create(name, next.id);
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: name }))).KeyMetadata?.KeyId).toBe(next.id);
  });

  it("refuses an alias that does not exist, also when it has just been removed", async () => {
    expect(await kms.refused(remove("alias/missing"))).toBe(notFound("alias/missing"));
    const { name } = await alias();
    await remove(name);
    expect(await kms.refused(remove(name))).toBe(notFound(name));
  });

  it("tells letter cases apart", async () => {
    const { name } = await alias();
    const upper = `alias/${name.slice("alias/".length).toUpperCase()}`;
    expect(await kms.refused(remove(upper))).toBe(notFound(upper));
  });

  it.each(["Disabled", "PendingDeletion"] as const)("works when the key is %s", async (state) => {
    const [name, key] = [kms.newName("alias/of"), await kms.key()];
    await create(name, key.id);
    if (state === "PendingDeletion") await kms.schedule(key.id);
    expect(members(await remove(name))).toEqual({});
  });

  it("finds no alias of a key that is gone", async () => {
    const { name, id } = await alias();
    await kms.schedule(id);
    kms.advance({ days: 7 });
    expect(await kms.refused(remove(name))).toBe(notFound(name));
  });

  it.each([
    [
      "orders",
      'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ],
    [
      "arn:aws:kms:us-east-1:111122223333:alias/orders",
      'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ],
    ["alias/aws/s3", "NotAuthorizedException"],
  ])("refuses the name %s", async (name, refusal) => {
    expect(await kms.refused(remove(name))).toBe(refusal);
  });

  describe("needs kms:DeleteAlias", () => {
    const refusal = (arn: string, resource: string, because: string) =>
      `AccessDeniedException: User: ${arn} is not authorized to perform: kms:DeleteAlias on resource: ${resource} ${because}`;
    const implicit = (side: string) => `because no ${side} policy allows the kms:DeleteAlias action`;

    it("on the alias and on its key", async () => {
      const { name, arn } = await alias();
      const [onKey, onAlias] = [
        await kms.someone([allowing("kms:DeleteAlias", arn)]),
        await kms.someone([allowing("kms:DeleteAlias", aliasArn(name))]),
      ];
      const { said, told } = await kms.refusal(remove(name, onKey.client));
      expect(said).toBe(refusal(onKey.arn, aliasArn(name), implicit("identity-based")));
      expect(told).toMatchObject({ caller: onKey.arn, error: said, resources: [arn, aliasArn(name)], intents: [], changes: [] });
      expect(await kms.refused(remove(name, onAlias.client))).toBe(refusal(onAlias.arn, arn, implicit("identity-based")));
      const both = await kms.someone([allowing("kms:DeleteAlias", [arn, aliasArn(name)])]);
      expect(members(await remove(name, both.client))).toEqual({});
    });

    it("and refuses to whom it is denied, or whom the key policy leaves out", async () => {
      const { name, id, arn } = await alias();
      const denied = await kms.someone([allowing("kms:*"), denying("kms:DeleteAlias", arn)]);
      expect(await kms.refused(remove(name, denied.client))).toBe(
        refusal(denied.arn, arn, "with an explicit deny in an identity-based policy"),
      );
      await setPolicy(kms, id, [{ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }]);
      const user = await kms.someone([allowing("kms:*")]);
      expect(await kms.refused(remove(name, user.client))).toBe(refusal(user.arn, arn, implicit("resource-based")));
    });

    it("and removes nothing of another account's", async () => {
      const [{ name }, { client }] = [await alias(), await kms.someone([allowing("kms:*")], OTHER_ACCOUNT)];
      const refused = await kms.refused(remove(name, client), undefined, OTHER_ACCOUNT);
      expect(refused).toBe(`NotFoundException: Alias arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:${name} is not found.`);
    });
  });

  itRequires(kms, "aliasName", (client) => client.send(new DeleteAliasCommand({} as never)));
});
