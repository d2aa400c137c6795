import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itStaysInItsAccount, setPolicy } from "./permissions.ts";
import { ADMINISTRATOR, aliasArn, aliasItem, allowing, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

describe("UpdateAlias", () => {
  const kms = startKms();
  const update = (AliasName: string, TargetKeyId: string, client: KMSClient = kms.client) =>
    client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  /** A new alias, and the key that it points to. */
  const alias = async (key = kms.key()) => {
    const [name, { id, arn }] = [kms.newName("alias/moved"), await key];
    await kms.client.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: id }));
    return { name, id, arn };
  };
  const updateToKey = async (client: KMSClient, TargetKeyId: string) => update((await alias()).name, TargetKeyId, client);
  const targetOf = async (KeyId: string) => (await kms.client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyId;

  it("points an alias to another key, changes its date and keeps the date it was made, and answers nothing", async () => {
    const [{ name }, key, made] = [await alias(), await kms.key(), kms.now()];
    kms.advance({ days: 1 });
    expect(members(await update(name, key.id))).toEqual({});
    expect(await targetOf(name)).toBe(key.id);
    const { Aliases } = await kms.client.send(new ListAliasesCommand({ KeyId: key.id }));
    expect(Aliases).toMatchObject([{ AliasName: name, TargetKeyId: key.id, CreationDate: made, LastUpdatedDate: kms.now() }]);
  });

  it("takes the alias from the list of its old key", async () => {
    const [old, key] = [await alias(), await kms.key()];
    await update(old.name, key.id);
    expect((await kms.client.send(new ListAliasesCommand({ KeyId: old.id }))).Aliases).toEqual([]);
  });

  it("leaves an intent, and a record about both keys and the alias", async () => {
    const [old, key] = [await alias(), await kms.key()];
    expect(await kms.told(await update(old.name, key.id))).toEqual({
      event: "UpdateAlias",
      caller: ADMINISTRATOR,
      parameters: { aliasName: old.name, targetKeyId: key.id },
      resources: [old.arn, key.arn, aliasArn(old.name)],
      readOnly: false,
      intents: [aliasItem(old.name, 2)],
      changes: [aliasItem(old.name, 2)],
    });
  });

  it("takes the key that the alias points to already", async () => {
    const { name, id } = await alias();
    await update(name, id);
    expect(await targetOf(name)).toBe(id);
  });

  it("makes no alias", async () => {
    const key = await kms.key();
    expect(await kms.refused(update("alias/missing", key.id))).toBe(`NotFoundException: Alias ${aliasArn("alias/missing")} is not found.`);
    const { name } = await alias();
    await kms.client.send(new DeleteAliasCommand({ AliasName: name }));
    expect(await kms.refused(update(name, key.id))).toBe(`NotFoundException: Alias ${aliasArn(name)} is not found.`);
  });

  it.each(["Disabled", "PendingDeletion"] as const)("takes an alias from a key that is %s", async (state) => {
    const [{ name, id }, key] = [await alias(), await kms.key()];
    if (state === "PendingDeletion") await kms.schedule(id);
    await update(name, key.id);
    expect(await targetOf(name)).toBe(key.id);
  });

  it("finds no alias of a key that is gone", async () => {
    const [{ name, id }, key] = [await alias(), await kms.key()];
    await kms.schedule(id);
    kms.advance({ days: 7 });
    expect(await kms.refused(update(name, key.id))).toBe(`NotFoundException: Alias ${aliasArn(name)} is not found.`);
  });

  it("gives a key no more than fifty names", async () => {
    const [{ name }, full] = [await alias(), await kms.key()];
    const names = Array.from({ length: 50 }, (_, number) => `alias/full/${number}`);
    await Promise.all(names.map((AliasName) => kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: full.id }))));
    expect(await kms.refused(update(name, full.id))).toMatch(/^LimitExceededException: /);
    await update("alias/full/0", full.id);
  });

  it.each([
    [
      "orders",
      'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ],
    ["alias/a:b", "ValidationException: alias/a:b contains invalid characters for an alias"],
    ["alias/aws/s3", "NotAuthorizedException"],
  ])("refuses the name %s", async (name, refusal) => {
    const key = await kms.key();
    expect(await kms.refused(update(name, key.id))).toBe(refusal);
  });

  describe("needs kms:UpdateAlias", () => {
    const on = (...resources: string[]) => kms.someone([allowing("kms:UpdateAlias", resources)]);
    const refusal = (arn: string, resource: string, side = "identity-based") =>
      `AccessDeniedException: User: ${arn} is not authorized to perform: kms:UpdateAlias on resource: ${resource} because no ${side} policy allows the kms:UpdateAlias action`;

    it("on the alias, on the key it points to, and on the key it is to point to", async () => {
      const [old, key] = [await alias(), await kms.key()];
      const arn = aliasArn(old.name);
      for (const [allowed, missing] of [
        [[old.arn, key.arn], arn],
        [[arn, key.arn], old.arn],
        [[arn, old.arn], key.arn],
      ] as const) {
        const user = await on(...allowed);
        const { said, told } = await kms.refusal(update(old.name, key.id, user.client));
        expect(said).toBe(refusal(user.arn, missing));
        expect(told).toMatchObject({ caller: user.arn, resources: [old.arn, key.arn, arn], intents: [], changes: [] });
      }
      await update(old.name, key.id, (await on(arn, old.arn, key.arn)).client);
      expect(await targetOf(old.name)).toBe(key.id);
    });

    it("by the key policies of both keys", async () => {
      const [old, key] = [await alias(), await kms.key()];
      const own = [{ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }];
      const user = await on("*");
      await setPolicy(kms, key.id, own);
      expect(await kms.refused(update(old.name, key.id, user.client))).toBe(refusal(user.arn, key.arn, "resource-based"));
    });
  });

  itTakesIdsAndArns(kms, "kms:UpdateAlias", updateToKey, "targetKeyId", "ValidationException: Aliases must refer to keys. Not aliases");
  itFollowsKeyStates(kms, updateToKey, notPendingDeletion);
  itStaysInItsAccount(kms, "kms:UpdateAlias", async (client, key) => {
    const own = await kms.key({}, client);
    const AliasName = kms.newName("alias/own");
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: own.id }));
    return update(AliasName, key, client);
  });
  itRequires(kms, "aliasName", (client) =>
    client.send(new UpdateAliasCommand({ TargetKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" } as never)),
  );
  itRequires(kms, "targetKeyId", (client) => client.send(new UpdateAliasCommand({ AliasName: "alias/a" } as never)));
});
