/** What a grant lets its grantee do, and what not. */
import {
  type CreateGrantCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ReEncryptCommand,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { create } from "./granting.ts";
import { setPolicy } from "./permissions.ts";
import { allowing, denying, OTHER_ACCOUNT, startKms, type TestKey, type TestUser } from "./start.ts";

const Plaintext = Buffer.from("plaintext");
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const DENIED = /^AccessDeniedException: /;

describe("a grant", () => {
  const kms = startKms();
  let key: TestKey;
  let alice: TestUser;

  const grant = (rest: Partial<CreateGrantCommandInput> = {}, client = kms.client) =>
    create(client, key.arn, { GranteePrincipal: alice.arn, ...rest });
  const encrypt = (client: KMSClient, EncryptionContext?: Record<string, string>, GrantTokens?: string[]) =>
    client.send(new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext, GrantTokens }));

  beforeAll(async () => {
    alice = await kms.someone();
  });

  describe("of a key of its own", () => {
    // Each test has a key that nothing else is granted on.
    const fresh = async () => {
      key = await kms.key();
    };

    it("lets its grantee use the key without any policy, at once, and nobody else", async () => {
      await fresh();
      const mallory = await kms.someone();
      expect(await kms.refused(encrypt(alice.client))).toMatch(DENIED);
      const { GrantId, GrantToken = "" } = await grant();
      expect((await kms.told(await encrypt(alice.client))).caller).toBe(alice.arn);
      expect((await encrypt(alice.client, undefined, [GrantToken])).KeyId).toBe(key.arn);
      expect(await kms.refused(encrypt(mallory.client))).toMatch(DENIED);
      expect(await kms.refused(encrypt(mallory.client, undefined, [GrantToken]))).toMatch(DENIED);
      await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId }));
      expect(await kms.refused(encrypt(alice.client))).toMatch(DENIED);
      expect(await kms.refused(encrypt(alice.client, undefined, [GrantToken]))).toMatch(DENIED);
    });

    it("lets it do what the grant names and nothing else", async () => {
      await fresh();
      await grant({ Operations: ["GenerateDataKey", "DescribeKey"] });
      const made = await alice.client.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256" }));
      await alice.client.send(new DescribeKeyCommand({ KeyId: key.id }));
      expect(await kms.refused(encrypt(alice.client))).toMatch(DENIED);
      expect(await kms.refused(alice.client.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob })))).toMatch(DENIED);
      expect(await kms.refused(alice.client.send(new DisableKeyCommand({ KeyId: key.id })))).toMatch(DENIED);
    });

    it("is on one key", async () => {
      await fresh();
      await grant();
      const other = await kms.key();
      expect(await kms.refused(alice.client.send(new EncryptCommand({ KeyId: other.id, Plaintext })))).toMatch(DENIED);
    });

    it("counts for nothing where something denies", async () => {
      await fresh();
      const bob = await kms.someone([denying("kms:Encrypt")]);
      await grant({ GranteePrincipal: bob.arn });
      expect(await kms.refused(encrypt(bob.client))).toContain("explicit deny");
      await grant();
      await setPolicy(kms, key.id, [
        { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Principal: { AWS: alice.arn }, Action: "kms:Encrypt", Resource: "*" },
      ]);
      expect(await kms.refused(encrypt(alice.client))).toContain("explicit deny");
    });

    it("works where the key policy names nobody but somebody else", async () => {
      await fresh();
      await grant();
      const admin = `arn:aws:iam::${ACCOUNT}:user/administrator`;
      await setPolicy(kms, key.id, [{ Effect: "Allow", Principal: { AWS: admin }, Action: "kms:*", Resource: "*" }]);
      expect((await encrypt(alice.client)).KeyId).toBe(key.arn);
    });

    it("is nothing to another user under its grantee's name", async () => {
      await fresh();
      const bob = await kms.someone();
      await grant({ GranteePrincipal: bob.arn });
      await encrypt(bob.client);
      const namesake = await kms.namesake(bob);
      expect(await kms.refused(encrypt(namesake.client))).toMatch(DENIED);
    });

    it("does not make a disabled key usable", async () => {
      await fresh();
      await grant();
      await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
      expect(await kms.refused(encrypt(alice.client))).toBe(`DisabledException: ${key.arn} is disabled.`);
    });

    it("with a subset constraint is for contexts that hold its pairs", async () => {
      await fresh();
      await grant({ Operations: ["Encrypt", "DescribeKey"], Constraints: { EncryptionContextSubset: { team: "a" } } });
      await encrypt(alice.client, { team: "a" });
      await encrypt(alice.client, { more: "b", Team: "a" });
      for (const context of [undefined, {}, { team: "A" }, { more: "b" }])
        expect(await kms.refused(encrypt(alice.client, context))).toMatch(DENIED);
      await alice.client.send(new DescribeKeyCommand({ KeyId: key.id }));
    });

    it("with an equality constraint is for that context only", async () => {
      await fresh();
      await grant({ Constraints: { EncryptionContextEquals: { team: "a", tier: "1" } } });
      await encrypt(alice.client, { tier: "1", team: "a" });
      for (const context of [undefined, { team: "a" }, { team: "a", tier: "1", more: "b" }])
        expect(await kms.refused(encrypt(alice.client, context))).toMatch(DENIED);
    });

    it("for one resource is not for a call that is on behalf of none", async () => {
      await fresh();
      await grant({ Operations: ["Encrypt", "DescribeKey"], Constraints: { SourceArn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:a` } });
      expect(await kms.refused(encrypt(alice.client))).toMatch(DENIED);
      expect(await kms.refused(alice.client.send(new DescribeKeyCommand({ KeyId: key.id })))).toMatch(DENIED);
    });

    it("is for either half of ReEncrypt", async () => {
      await fresh();
      const { CiphertextBlob } = await encrypt(kms.client);
      const reEncrypt = () => alice.client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: key.id }));
      await grant({ Operations: ["ReEncryptFrom"] });
      expect(await kms.refused(reEncrypt())).toMatch(DENIED);
      await grant({ Operations: ["ReEncryptTo"] });
      expect((await reEncrypt()).KeyId).toBe(key.arn);
    });

    it("reaches into another account, with the permission of that account", async () => {
      await fresh();
      const [with_, without] = [await kms.someone([allowing("kms:Encrypt", key.arn)], OTHER_ACCOUNT), await kms.someone([], OTHER_ACCOUNT)];
      await grant({ GranteePrincipal: with_.arn });
      expect((await encrypt(with_.client)).KeyId).toBe(key.arn);
      expect(await kms.refused(encrypt(without.client), undefined, OTHER_ACCOUNT)).toMatch(DENIED);
    });

    it("is found among many", async () => {
      await fresh();
      const bob = await kms.someone();
      await Promise.all(
        Array.from({ length: 300 }, (_, at) => grant({ GranteePrincipal: at % 2 === 0 ? ROOT : bob.arn, Operations: ["Decrypt"] })),
      );
      await grant();
      expect((await encrypt(alice.client)).KeyId).toBe(key.arn);
      expect(await kms.refused(encrypt(bob.client))).toMatch(DENIED);
    });
  });

  describe("that holds CreateGrant", () => {
    const parent = async (rest: Partial<CreateGrantCommandInput> = {}) => {
      key = await kms.key();
      await grant({ Operations: ["CreateGrant", "Encrypt", "Decrypt"], ...rest });
    };
    const childOf = async (rest: Partial<CreateGrantCommandInput>) => {
      const bob = await kms.someone();
      return { bob, made: grant({ GranteePrincipal: bob.arn, ...rest }, alice.client) };
    };

    it("lets its grantee grant some of it to others", async () => {
      await parent();
      const { bob, made } = await childOf({ Operations: ["Encrypt"] });
      expect((await made).GrantId).toBeDefined();
      expect((await encrypt(bob.client)).KeyId).toBe(key.arn);
    });

    it("lets it grant nothing more", async () => {
      await parent();
      expect(await kms.refused((await childOf({ Operations: ["Encrypt", "GenerateDataKey"] })).made)).toMatch(DENIED);
    });

    it("passes its constraint on, as it is or stricter", async () => {
      await parent({ Constraints: { EncryptionContextSubset: { a: "1" } } });
      for (const Constraints of [
        { EncryptionContextSubset: { a: "1" } },
        { EncryptionContextSubset: { a: "1", b: "2" } },
        { EncryptionContextEquals: { a: "1" } },
      ])
        expect((await (await childOf({ Constraints })).made).GrantId).toBeDefined();
      for (const Constraints of [undefined, { EncryptionContextSubset: { b: "2" } }, { EncryptionContextEquals: { a: "2" } }])
        expect(await kms.refused((await childOf({ Constraints })).made)).toMatch(DENIED);
    });

    it("does not bind who may create grants by a policy", async () => {
      await parent();
      const admin = await kms.someone([allowing("kms:CreateGrant")]);
      expect((await grant({ Operations: ["GenerateDataKey"] }, admin.client)).GrantId).toBeDefined();
    });
  });
});
