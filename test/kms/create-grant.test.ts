import { CreateGrantCommand, type CreateGrantCommandInput, type GrantConstraints, ListGrantsCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { itCanBeTried } from "./dry-run.ts";
import { create, grantIds, grantItem } from "./granting.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts, sharedKey } from "./permissions.ts";
import { ADMINISTRATOR, allowing, keyArn, members, OTHER_ACCOUNT, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const SERVICE = "logs.us-east-1.amazonaws.com";
const SOURCE = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:a`;

describe("CreateGrant", () => {
  const kms = startKms();
  const entryOf = async (KeyId: string, GrantId: string | undefined) =>
    (await kms.client.send(new ListGrantsCommand({ KeyId, GrantId }))).Grants?.[0];

  it("answers the id of a new grant, and a token", async () => {
    const key = await kms.key();
    const made = members(await create(kms.client, key.id));
    expect(made).toEqual({ GrantId: expect.stringMatching(/^[0-9a-f]{64}$/), GrantToken: expect.any(String) });
    expect(Buffer.from(made.GrantToken ?? "", "base64").toString("base64")).toBe(made.GrantToken);
    expect(await grantIds(kms.client, key.id)).toEqual([made.GrantId]);
  });

  it("makes another grant each time when it has no name", async () => {
    const key = await kms.key();
    const ids = [await create(kms.client, key.id), await create(kms.client, key.id)].map(({ GrantId }) => GrantId);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(await grantIds(kms.client, key.id))).toEqual(new Set(ids));
  });

  describe("with a name", () => {
    const asked: Partial<CreateGrantCommandInput> = {
      Name: "team/a:b-c_d",
      RetiringPrincipal: ROOT,
      Operations: ["Encrypt", "Decrypt"],
      Constraints: { EncryptionContextSubset: { a: "1", b: "2" } },
    };

    it("answers the same grant to the same request, in whatever order it is written, with a fresh token", async () => {
      const key = await kms.key();
      const first = await create(kms.client, key.id, asked);
      const second = await create(kms.client, key.arn, {
        ...asked,
        Operations: ["Decrypt", "Encrypt", "Decrypt"],
        Constraints: { EncryptionContextSubset: { b: "2", a: "1" } },
      });
      expect(second.GrantId).toBe(first.GrantId);
      expect(second.GrantToken).not.toBe(first.GrantToken);
      expect(await grantIds(kms.client, key.id)).toEqual([first.GrantId]);
      expect(await kms.told(second)).toMatchObject({ response: { grantId: first.GrantId }, intents: [], changes: [] });
    });

    it("makes one grant of the same request, however often it is sent at the same time", async () => {
      const key = await kms.key();
      const made = await Promise.all(Array.from({ length: 10 }, () => create(kms.client, key.id, asked)));
      expect(await grantIds(kms.client, key.id)).toEqual([made[0]?.GrantId]);
      expect(new Set(made.map(({ GrantId }) => GrantId)).size).toBe(1);
      expect(new Set(made.map(({ GrantToken }) => GrantToken)).size).toBe(10);
    });

    it.each<[string, Partial<CreateGrantCommandInput>]>([
      ["name", { Name: "other" }],
      ["grantee", { GranteePrincipal: ROOT }],
      ["retiring principal", { RetiringPrincipal: ADMINISTRATOR }],
      ["operations", { Operations: ["Encrypt"] }],
      ["constraint", { Constraints: { EncryptionContextEquals: { a: "1", b: "2" } } }],
      ["pairs", { Constraints: { EncryptionContextSubset: { a: "2", b: "1" } } }],
    ])("makes another grant when the request differs in its %s", async (_, other) => {
      const key = await kms.key();
      const [first, second] = [await create(kms.client, key.id, asked), await create(kms.client, key.id, { ...asked, ...other })];
      expect(second.GrantId).not.toBe(first.GrantId);
    });

    it("makes another grant for another user under the same ARN", async () => {
      const [key, alice] = [await kms.key(), await kms.someone()];
      const first = await create(kms.client, key.id, { ...asked, GranteePrincipal: alice.arn });
      await kms.namesake(alice);
      const second = await create(kms.client, key.id, { ...asked, GranteePrincipal: alice.arn });
      expect(second.GrantId).not.toBe(first.GrantId);
    });
  });

  it("leaves an intent, and a record with the grant's id but no token", async () => {
    const key = await kms.key();
    const Constraints = { EncryptionContextEquals: { a: "1" } };
    const answer = await create(kms.client, key.id, { Name: "n", RetiringPrincipal: ROOT, Constraints });
    const told = await kms.told(answer);
    expect(told).toEqual({
      event: "CreateGrant",
      caller: ADMINISTRATOR,
      parameters: {
        keyId: key.id,
        granteePrincipal: ADMINISTRATOR,
        retiringPrincipal: ROOT,
        operations: ["Encrypt"],
        constraints: { encryptionContextEquals: { a: "1" } },
        name: "n",
      },
      response: { grantId: answer.GrantId },
      resources: [key.arn],
      readOnly: false,
      intents: [grantItem(key.id, answer.GrantId, 1)],
      changes: [grantItem(key.id, answer.GrantId, 1)],
    });
    expect(JSON.stringify(told)).not.toContain(answer.GrantToken);
  });

  describe("takes as grantee", () => {
    it.each([
      ["the root of an account", ROOT, ROOT],
      ["an account by its number", OTHER_ACCOUNT, `arn:aws:iam::${OTHER_ACCOUNT}:root`],
      ["a federated user", `arn:aws:sts::${ACCOUNT}:federated-user/a`, `arn:aws:sts::${ACCOUNT}:federated-user/a`],
      ["a service", SERVICE, SERVICE],
    ])("%s", async (_, GranteePrincipal, shown) => {
      const key = await kms.key();
      const { GrantId } = await create(kms.client, key.id, { GranteePrincipal });
      expect(await entryOf(key.id, GrantId)).toMatchObject({ GranteePrincipal: shown });
    });

    it("a user of another account", async () => {
      const [key, user] = [await kms.key(), await kms.someone([], OTHER_ACCOUNT)];
      const { GrantId } = await create(kms.client, key.id, { GranteePrincipal: user.arn });
      expect(await entryOf(key.id, GrantId)).toMatchObject({ GranteePrincipal: user.arn, IssuingAccount: ROOT });
    });

    it("a service by the member for services, for one resource, when somebody can retire the grant", async () => {
      const key = await kms.key();
      const asked = { GranteeServicePrincipal: SERVICE, RetiringServicePrincipal: SERVICE, Constraints: { SourceArn: SOURCE } };
      const entry = await entryOf(key.id, (await create(kms.client, key.id, asked)).GrantId);
      expect(entry).toMatchObject(asked);
      expect(entry).not.toHaveProperty("GranteePrincipal");
      expect(entry).not.toHaveProperty("RetiringPrincipal");
    });
  });

  describe("refuses as principal", () => {
    it.each([
      `arn:aws:iam::${ACCOUNT}:user/nobody`,
      `arn:aws:iam::${ACCOUNT}:role/nobody`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/nobody/session`,
      `arn:aws:iam::${ACCOUNT}:group/administrators`,
      `arn:aws-cn:iam::${ACCOUNT}:root`,
      "arn:aws:iam::1234:root",
      "administrator",
    ])("%s", async (principal) => {
      const key = await kms.key();
      const refusal = `InvalidArnException: ARN does not refer to a valid principal: ${principal}`;
      expect(await kms.refused(create(kms.client, key.id, { GranteePrincipal: principal }))).toBe(refusal);
      expect(await kms.refused(create(kms.client, key.id, { RetiringPrincipal: principal }))).toBe(refusal);
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it.each<[string, Partial<CreateGrantCommandInput>]>([
      ["no grantee", { GranteePrincipal: undefined }],
      ["two grantees", { GranteePrincipal: ROOT, GranteeServicePrincipal: SERVICE }],
      ["two who may retire", { RetiringPrincipal: ROOT, RetiringServicePrincipal: SERVICE }],
      ["a service without a source", { GranteeServicePrincipal: SERVICE, RetiringPrincipal: ROOT }],
      ["a service without one who may retire", { GranteeServicePrincipal: SERVICE, Constraints: { SourceArn: SOURCE } }],
    ])("%s", async (_, rest) => {
      const key = await kms.key();
      expect(await kms.refused(create(kms.client, key.id, rest))).toMatch(/^ValidationException: /);
    });
  });

  it.each([["Sign"], ["GetPublicKey"], ["GenerateMac"], ["DeriveSharedSecret"], ["Decapsulate"]] as const)(
    "refuses %s, which a symmetric encryption key does not have",
    async (operation) => {
      const key = await kms.key();
      expect(await kms.refused(create(kms.client, key.id, { Operations: ["Encrypt", operation] }))).toBe(
        `ValidationException: Operation ${operation} is not valid for a key with spec SYMMETRIC_DEFAULT and usage ENCRYPT_DECRYPT.`,
      );
    },
  );

  it("refuses a grant of nothing", async () => {
    const key = await kms.key();
    expect(await kms.refused(create(kms.client, key.id, { Operations: [] }))).toMatch(/^ValidationException: /);
  });

  const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`name${at}`, "a".repeat(384)]));

  it.each<[string, GrantConstraints]>([
    ["two constraints", { EncryptionContextEquals: { a: "1" }, EncryptionContextSubset: { a: "1" } }],
    ["nine pairs", { EncryptionContextEquals: pairs(9) }],
    ["a value of 385 characters", { EncryptionContextSubset: { a: "a".repeat(385) } }],
  ])("refuses %s", async (what, Constraints) => {
    const key = await kms.key();
    const said = await kms.refused(create(kms.client, key.id, { Constraints }));
    expect(said).toMatch(
      what === "two constraints" ? /^ValidationException: More than one constraint supplied$/ : /^ValidationException: /,
    );
  });

  it("takes eight pairs of 384 characters", async () => {
    const key = await kms.key();
    const { GrantId } = await create(kms.client, key.id, { Constraints: { EncryptionContextEquals: pairs(8) } });
    expect((await entryOf(key.id, GrantId))?.Constraints).toEqual({ EncryptionContextEquals: pairs(8) });
  });

  it.each(["", "not base64!", "AAAA", Buffer.alloc(120, 1).toString("base64")])("refuses the grant token '%s'", async (token) => {
    const key = await kms.key();
    const said = await kms.refused(create(kms.client, key.id, { GrantTokens: [token] }));
    expect(said).toMatch(token === "" ? /^ValidationException: / : /^InvalidGrantTokenException/);
  });

  it("takes a key of another account, and the grant is of that account", async () => {
    const key = await sharedKey(kms);
    const { client } = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    const answer = await create(client, key.arn);
    expect(await entryOf(key.id, answer.GrantId)).toMatchObject({
      KeyId: keyArn(key.id),
      IssuingAccount: `arn:aws:iam::${OTHER_ACCOUNT}:root`,
    });
    expect((await kms.told(answer, undefined, OTHER_ACCOUNT)).resources).toEqual([key.arn]);
  });

  itTakesIdsAndArns(kms, "kms:CreateGrant", create);
  itFollowsKeyStates(kms, create, cryptographic);
  itNeedsPermission(kms, "kms:CreateGrant", create);
  itWorksAcrossAccounts(kms, "kms:CreateGrant", create);
  itCanBeTried(kms, "kms:CreateGrant", create);
  itRequires(kms, "keyId", (client) => client.send(new CreateGrantCommand({ GranteePrincipal: ROOT, Operations: ["Encrypt"] } as never)));
  itRequires(kms, "operations", (client) => client.send(new CreateGrantCommand({ KeyId: "a", GranteePrincipal: ROOT } as never)));
});
