import {
  CreateAliasCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, aliasArn, aliasItem, allowing, members, OTHER_ACCOUNT, OTHER_REGION, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const onAliases = allowing("kms:CreateAlias", "arn:aws:kms:*:*:alias/*");

describe("CreateAlias", () => {
  const kms = startKms();
  const create = (AliasName: string, TargetKeyId: string, client: KMSClient = kms.client) =>
    client.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  const createForKey = (client: KMSClient, TargetKeyId: string) => create(kms.newName("alias/made"), TargetKeyId, client);
  const targetOf = async (KeyId: string, client = kms.client) => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyId;

  it("gives a key a name by which it is found at once, and answers nothing", async () => {
    const key = await kms.key();
    expect(members(await create("alias/orders", key.id))).toEqual({});
    expect(await targetOf("alias/orders")).toBe(key.id);
    const { Aliases } = await kms.client.send(new ListAliasesCommand({ KeyId: key.id }));
    expect(Aliases).toEqual([
      {
        AliasName: "alias/orders",
        AliasArn: aliasArn("alias/orders"),
        TargetKeyId: key.id,
        CreationDate: kms.now(),
        LastUpdatedDate: kms.now(),
      },
    ]);
  });

  it("leaves an intent, and a record about key and alias", async () => {
    const key = await kms.key();
    expect(await kms.told(await create("alias/recorded", key.arn))).toEqual({
      event: "CreateAlias",
      caller: ADMINISTRATOR,
      parameters: { aliasName: "alias/recorded", targetKeyId: key.arn },
      resources: [key.arn, aliasArn("alias/recorded")],
      readOnly: false,
      intents: [aliasItem("alias/recorded", 1)],
      changes: [aliasItem("alias/recorded", 1)],
    });
  });

  it("refuses a name that is taken, for whichever key", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    await create("alias/taken", key.id);
    for (const target of [key, other]) {
      expect(await kms.refused(create("alias/taken", target.id))).toBe(
        `AlreadyExistsException: An alias with the name ${aliasArn("alias/taken")} already exists`,
      );
    }
    expect(await targetOf("alias/taken")).toBe(key.id);
  });

  it("gives a name to one of those who ask for it at the same time", async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => kms.key()));
    const made = await Promise.allSettled(keys.map(({ id }) => create("alias/wanted", id)));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await targetOf("alias/wanted")).toBe(keys[made.findIndex(({ status }) => status === "fulfilled")]?.id);
  });

  it("tells letter cases apart", async () => {
    const [upper, lower] = [await kms.key(), await kms.key()];
    await create("alias/Case", upper.id);
    await create("alias/case", lower.id);
    expect([await targetOf("alias/Case"), await targetOf("alias/case")]).toEqual([upper.id, lower.id]);
  });

  it("gives the same name again in another Region and in another account", async () => {
    const there = kms.kms(kms.administrator, OTHER_REGION);
    const { client } = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    for (const each of [kms.client, there, client]) {
      const key = await kms.key({}, each);
      await create("alias/everywhere", key.id, each);
      expect(await targetOf("alias/everywhere", each)).toBe(key.id);
    }
  });

  it("gives a name again when the key that had it is gone", async () => {
    const [gone, key] = [await kms.key(), await kms.key()];
    await create("alias/free", gone.id);
    await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: gone.id, PendingWindowInDays: 7 }));
    expect(await kms.refused(create("alias/free", key.id))).toMatch(/^AlreadyExistsException: /);
    kms.advance({ days: 7 });
    await create("alias/free", key.id);
    expect(await targetOf("alias/free")).toBe(key.id);
  });

  it("gives a key fifty names at the most", async () => {
    const key = await kms.key();
    await Promise.all(Array.from({ length: 50 }, (_, number) => create(`alias/many/${number}`, key.id)));
    expect(await kms.refused(create("alias/many/50", key.id))).toMatch(/^LimitExceededException: /);
  });

  describe("takes the name", () => {
    it.each(["alias/a", "alias/a/b_c-D/9", `alias/${"n".repeat(250)}`, "alias/alias/a", "alias/aws", "alias/awsome/key"])(
      "%s",
      async (name) => {
        const key = await kms.key();
        await create(name, key.id);
        expect(await targetOf(name)).toBe(key.id);
      },
    );
  });

  describe("refuses the name", () => {
    const PREFIX =
      'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html';
    const broken = (name: string, rule: string) =>
      `Value '${name}' at 'aliasName' failed to satisfy constraint: Member must satisfy ${rule}`;
    const pattern = "regular expression pattern: ^[a-zA-Z0-9:/_-]+$";

    it.each([
      ["orders", PREFIX],
      ["Alias/orders", PREFIX],
      ["alias", PREFIX],
      ["alias/", PREFIX],
      ["alias/Service:Test", "ValidationException: alias/Service:Test contains invalid characters for an alias"],
      ["alias/aws/s3", "NotAuthorizedException"],
      ["alias/a b", `ValidationException: 1 validation error detected: ${broken("alias/a b", pattern)}`],
      ["alias/ä", `ValidationException: 1 validation error detected: ${broken("alias/ä", pattern)}`],
    ])("%s", async (name, refusal) => {
      const key = await kms.key();
      expect(await kms.refused(create(name, key.id))).toBe(refusal);
    });

    it("of no length, or of more than 256 characters", async () => {
      expect(await kms.refused(create("", "alias/any"))).toContain(
        "Value '' at 'aliasName' failed to satisfy constraint: Member must have length",
      );
      expect(await kms.refused(create(`alias/${"n".repeat(251)}`, "alias/any"))).toContain(
        "Member must have length less than or equal to 256",
      );
    });
  });

  it("needs kms:CreateAlias on the alias too, by an identity policy", async () => {
    const key = await kms.key();
    const user = await kms.someone([allowing("kms:CreateAlias", key.arn)]);
    const { said, told } = await kms.refusal(create("alias/unnamed", key.id, user.client));
    expect(said).toBe(
      `AccessDeniedException: User: ${user.arn} is not authorized to perform: kms:CreateAlias on resource: ${aliasArn("alias/unnamed")} because no identity-based policy allows the kms:CreateAlias action`,
    );
    expect(told).toMatchObject({ error: said, resources: [key.arn, aliasArn("alias/unnamed")] });
    const both = await kms.someone([allowing("kms:CreateAlias", [key.arn, `arn:aws:kms:${HOME}:*:alias/named`])]);
    await create("alias/named", key.id, both.client);
    expect(await targetOf("alias/named")).toBe(key.id);
  });

  itTakesIdsAndArns(kms, "kms:CreateAlias", createForKey, "targetKeyId", "ValidationException: Aliases must refer to keys. Not aliases");
  itFollowsKeyStates(kms, createForKey, notPendingDeletion);
  itNeedsPermission(kms, "kms:CreateAlias", createForKey, [onAliases]);
  itStaysInItsAccount(kms, "kms:CreateAlias", createForKey);
  itRequires(kms, "aliasName", (client) =>
    client.send(new CreateAliasCommand({ TargetKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" } as never)),
  );
  itRequires(kms, "targetKeyId", (client) => client.send(new CreateAliasCommand({ AliasName: "alias/a" } as never)));
});
