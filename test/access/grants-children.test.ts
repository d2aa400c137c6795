/** @see AWS KMS Developer Guide, "Granting CreateGrant permission" */
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type GrantConstraints,
  type GrantOperation,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allowing, denying, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import { type Act, dataKey, decrypt, encrypt } from "./acts.ts";
import { ROOT } from "./examples.ts";
import { SAID } from "./refusals.ts";

const subset = (EncryptionContextSubset: Record<string, string>): GrantConstraints => ({ EncryptionContextSubset });
const equals = (EncryptionContextEquals: Record<string, string>): GrantConstraints => ({ EncryptionContextEquals });

describe("a grant that holds CreateGrant", () => {
  const kms = startKms();
  let key: TestKey;
  let alice: TestUser;
  let bob: TestUser;

  const grant = (
    client: TestUser["client"],
    GranteePrincipal: string,
    Operations: GrantOperation[],
    rest: Partial<CreateGrantCommandInput> = {},
  ) => client.send(new CreateGrantCommand({ KeyId: key.arn, GranteePrincipal, Operations, ...rest }));
  const refused = (who: TestUser) => SAID["no identity policy"]({ who: who.arn, action: "kms:CreateGrant", on: key.arn });
  const may = async (who: TestUser, act: Act) => expect((await kms.told(await act.by(who.client, key, who))).caller).toBe(who.arn);
  const mayNot = async (who: TestUser, act: Act) =>
    expect(await kms.refused(act.by(who.client, key, who))).toBe(
      SAID["no identity policy"]({ who: who.arn, action: act.action, on: key.arn }),
    );

  beforeEach(async () => {
    [key, alice, bob] = [await kms.key(), await kms.someone(), await kms.someone()];
  });

  it.each<[GrantOperation[]]>([
    [["Encrypt"]],
    [["Decrypt"]],
    [["Encrypt", "Decrypt"]],
    [["CreateGrant"]],
    [["CreateGrant", "Decrypt", "Encrypt"]],
  ])("lets its grantee grant %j, which is some of it", async (operations) => {
    await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt", "Decrypt"]);
    await grant(alice.client, bob.arn, operations);
    for (const act of [encrypt(), decrypt(kms)])
      await (operations.includes(act.action.replace("kms:", "") as GrantOperation) ? may(bob, act) : mayNot(bob, act));
  });

  it.each<[GrantOperation[]]>([
    [["GenerateDataKey"]],
    [["Encrypt", "GenerateDataKey"]],
    [["DescribeKey"]],
    [["RetireGrant"]],
    [["ReEncryptFrom", "Encrypt"]],
  ])("does not let its grantee grant %j, which is more", async (operations) => {
    await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt", "Decrypt"]);
    expect(await kms.refused(grant(alice.client, bob.arn, operations))).toBe(refused(alice));
    await mayNot(bob, encrypt());
  });

  it("is needed: a grant without it lets nobody grant anything", async () => {
    await grant(kms.client, alice.arn, ["Encrypt", "Decrypt"]);
    expect(await kms.refused(grant(alice.client, bob.arn, ["Encrypt"]))).toBe(refused(alice));
  });

  it("is judged alone: two grants do not make one that holds both", async () => {
    await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt"]);
    await grant(kms.client, alice.arn, ["Decrypt"]);
    expect(await kms.refused(grant(alice.client, bob.arn, ["Decrypt"]))).toBe(refused(alice));
    await grant(alice.client, bob.arn, ["Encrypt"]);
    await may(bob, encrypt());
  });

  it("is its grantee's alone: who has its token but not its name grants nothing", async () => {
    const { GrantToken = "" } = await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt"]);
    expect(await kms.refused(grant(bob.client, bob.arn, ["Encrypt"], { GrantTokens: [GrantToken] }))).toBe(refused(bob));
    await grant(alice.client, bob.arn, ["Encrypt"], { GrantTokens: [GrantToken] });
    await may(bob, encrypt());
  });

  it("counts for nothing once it is revoked", async () => {
    const { GrantId } = await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt"]);
    await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId }));
    expect(await kms.refused(grant(alice.client, bob.arn, ["Encrypt"]))).toBe(refused(alice));
  });

  it("counts for nothing against a deny", async () => {
    const denied = await kms.someone([denying("kms:CreateGrant", key.arn)]);
    await grant(kms.client, denied.arn, ["CreateGrant", "Encrypt"]);
    expect(await kms.refused(grant(denied.client, bob.arn, ["Encrypt"]))).toBe(
      SAID["denied by identity policy"]({ who: denied.arn, action: "kms:CreateGrant", on: key.arn }),
    );
  });

  it("binds nobody who may create grants by a policy, with operations that they do not have themselves", async () => {
    const admin = await kms.someone([allowing("kms:CreateGrant", key.arn)]);
    await grant(kms.client, admin.arn, ["CreateGrant", "Encrypt"], { Constraints: subset({ a: "1" }) });
    await grant(admin.client, bob.arn, ["GenerateDataKey"]);
    await may(bob, dataKey());
    await mayNot(admin, dataKey());
  });

  it("hands on down to grandchildren, which have no more than their parents", async () => {
    const carol = await kms.someone();
    await grant(kms.client, alice.arn, ["CreateGrant", "Encrypt", "Decrypt"]);
    await grant(alice.client, bob.arn, ["CreateGrant", "Encrypt"]);
    expect(await kms.refused(grant(bob.client, carol.arn, ["Decrypt"]))).toBe(refused(bob));
    await grant(bob.client, carol.arn, ["Encrypt"]);
    await may(carol, encrypt());
    await mayNot(carol, decrypt(kms));
  });

  const CONSTRAINED: [
    of: string,
    parent: GrantConstraints | undefined,
    yes: (GrantConstraints | undefined)[],
    no: (GrantConstraints | undefined)[],
  ][] = [
    ["no constraint", undefined, [undefined, subset({ a: "1" }), equals({ a: "1" })], []],
    [
      "a subset",
      subset({ a: "1" }),
      [subset({ a: "1" }), subset({ a: "1", b: "2" }), equals({ a: "1" }), equals({ b: "2", a: "1" }), subset({ A: "1" })],
      [undefined, subset({ a: "2" }), subset({ b: "1" }), equals({ b: "2" }), equals({ a: "2" })],
    ],
    [
      "a subset of two",
      subset({ a: "1", b: "Two" }),
      [subset({ b: "Two", a: "1" }), equals({ a: "1", b: "Two", c: "3" })],
      [subset({ a: "1" }), subset({ a: "1", b: "two" }), equals({ b: "Two" })],
    ],
    [
      "an equal context",
      equals({ a: "1" }),
      [equals({ a: "1" })],
      [undefined, subset({ a: "1" }), subset({ a: "1", b: "2" }), equals({ a: "1", b: "2" }), equals({ a: "2" })],
    ],
  ];

  describe.each(CONSTRAINED)("under %s", (_, parent, yes, no) => {
    let granter: TestUser;
    let own: TestKey;
    beforeAll(async () => {
      [own, granter] = [await kms.key(), await kms.someone()];
      key = own;
      await grant(kms.client, granter.arn, ["CreateGrant", "Encrypt"], { Constraints: parent });
    });

    if (yes.length > 0)
      it.each(yes.map((child) => [child]))("lets its grantee grant under %j", async (Constraints) => {
        key = own;
        const { GrantId } = await grant(granter.client, ROOT, ["Encrypt"], { Constraints });
        expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
      });
    if (no.length > 0)
      it.each(no.map((child) => [child]))("does not let its grantee grant under %j", async (Constraints) => {
        key = own;
        expect(await kms.refused(grant(granter.client, ROOT, ["Encrypt"], { Constraints }))).toBe(refused(granter));
      });
  });
});
