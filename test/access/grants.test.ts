/** @see AWS KMS Developer Guide, "Grants in AWS KMS" */
import { CreateGrantCommand, type CreateGrantCommandInput, type GrantOperation, RevokeGrantCommand } from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { ADMINISTRATOR, allowing, denying, OTHER_ACCOUNT, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import {
  type Act,
  dataKey,
  dataKeyWithoutPlaintext,
  decrypt,
  describeKey,
  disableKey,
  enableKey,
  encrypt,
  getKeyPolicy,
  listGrants,
  reEncrypt,
} from "./acts.ts";
import { enablesIam, ROOT } from "./examples.ts";
import { SAID, type Why } from "./refusals.ts";

describe("a grant gives access", () => {
  const kms = startKms();
  let key: TestKey;
  let alice: TestUser;
  let bob: TestUser;

  beforeEach(async () => {
    [key, alice, bob] = [await kms.key(), await kms.someone(), await kms.someone()];
  });

  const grant = async (rest: Partial<CreateGrantCommandInput> = {}) => {
    const input = { KeyId: key.arn, GranteePrincipal: alice.arn, Operations: ["Encrypt" as const], ...rest };
    const { GrantId = "", GrantToken = "" } = await kms.client.send(new CreateGrantCommand(input));
    return { GrantId, GrantToken };
  };
  const may = async (who: TestUser, act: Act, account?: string) => {
    const { caller, error } = await kms.told(await act.by(who.client, key, who), undefined, account);
    expect({ caller, error }).toEqual({ caller: who.arn });
  };
  const mayNot = async (who: TestUser, act: Act, why: Why = "no identity policy", account?: string) =>
    expect(await kms.refused(act.by(who.client, key, who), undefined, account)).toBe(
      SAID[why]({ who: who.arn, action: act.action, on: key.arn }),
    );

  it("to its grantee without any policy, from the next call on, and to nobody else", async () => {
    await mayNot(alice, encrypt());
    await grant();
    await may(alice, encrypt());
    await mayNot(bob, encrypt());
  });

  it("where the key policy knows nobody but its administrator", async () => {
    await setPolicy(kms, key.id, [{ ...enablesIam, Principal: { AWS: ADMINISTRATOR } }]);
    await grant();
    await may(alice, encrypt());
    await mayNot(alice, dataKey(), "no key policy");
  });

  it.each<[GrantOperation[], Act]>([
    [["Encrypt"], encrypt()],
    [["Decrypt"], decrypt(kms)],
    [["GenerateDataKey"], dataKey()],
    [["GenerateDataKeyWithoutPlaintext"], dataKeyWithoutPlaintext],
    [["DescribeKey"], describeKey()],
    [["ReEncryptFrom", "ReEncryptTo"], reEncrypt(kms)],
  ])("for %j and nothing else", async (Operations, act) => {
    await grant({ Operations });
    await may(alice, act);
    const others = [
      encrypt(),
      decrypt(kms),
      dataKey(),
      dataKeyWithoutPlaintext,
      describeKey(),
      reEncrypt(kms),
      getKeyPolicy(),
      listGrants,
      disableKey,
    ];
    for (const other of others.filter(({ action }) => action !== act.action)) await mayNot(alice, other);
  });

  it("for one side of a re-encryption, where the other has another grant or none", async () => {
    await grant({ Operations: ["ReEncryptFrom"] });
    await mayNot(alice, { ...reEncrypt(kms), action: "kms:ReEncryptTo" });
    await grant({ Operations: ["ReEncryptTo"] });
    await may(alice, reEncrypt(kms));
  });

  it("on its key and no other", async () => {
    await grant();
    key = await kms.key();
    await mayNot(alice, encrypt());
  });

  describe("by its token", () => {
    const withToken = (...GrantTokens: string[]) => encrypt(undefined, { GrantTokens });

    it("at once, among others too, and without it as well", async () => {
      const { GrantToken } = await grant();
      const other = await grant({ Operations: ["Decrypt"] });
      await may(alice, withToken(GrantToken));
      await may(alice, withToken(other.GrantToken, GrantToken));
      await may(alice, withToken(other.GrantToken));
    });

    it("to none but its grantee: it is no secret", async () => {
      const { GrantToken } = await grant();
      await mayNot(bob, withToken(GrantToken));
      await grant({ GranteePrincipal: bob.arn, Operations: ["Decrypt"] });
      await mayNot(bob, withToken(GrantToken));
    });

    it("for what it names on its own key only", async () => {
      const { GrantToken } = await grant({ Operations: ["Decrypt"] });
      await mayNot(alice, withToken(GrantToken));
      key = await kms.key();
      await mayNot(alice, withToken(GrantToken));
    });

    it("not when it is none", async () => {
      const call = withToken("bm8gdG9rZW4=").by(alice.client, key, alice);
      expect(await kms.refused(call)).toMatch(/^InvalidGrantTokenException/);
    });
  });

  describe("and nothing more", () => {
    it("once it is revoked, with or without its token", async () => {
      const { GrantId, GrantToken } = await grant();
      await may(alice, encrypt());
      await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId }));
      await mayNot(alice, encrypt());
      await mayNot(alice, encrypt(undefined, { GrantTokens: [GrantToken] }));
    });

    it("than one of several, when the others are revoked", async () => {
      const [first, second] = [await grant(), await grant()];
      await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: first.GrantId }));
      await may(alice, encrypt());
      await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: second.GrantId }));
      await mayNot(alice, encrypt());
    });

    it("where a policy denies", async () => {
      const carol = await kms.someone([denying("kms:Encrypt")]);
      await grant({ GranteePrincipal: carol.arn, Operations: ["Encrypt", "GenerateDataKey"] });
      await mayNot(carol, encrypt(), "denied by identity policy");
      await may(carol, dataKey());
      await grant({ Operations: ["Encrypt", "GenerateDataKey"] });
      await setPolicy(kms, key.id, [
        enablesIam,
        { ...enablesIam, Sid: "No", Effect: "Deny", Principal: { AWS: alice.arn }, Action: "kms:Encrypt" },
      ]);
      await mayNot(alice, encrypt(), "denied by key policy");
      await may(alice, dataKey());
    });

    it("while the key is disabled, which strangers are not told", async () => {
      await grant();
      await disableKey.by(kms.client, key, alice);
      expect(await kms.refused(encrypt().by(alice.client, key, alice))).toBe(`DisabledException: ${key.arn} is disabled.`);
      await mayNot(bob, encrypt());
      await enableKey.by(kms.client, key, alice);
      await may(alice, encrypt());
    });

    it("to another user who takes the name of its grantee", async () => {
      const { GrantToken } = await grant();
      const namesake = await kms.namesake(alice);
      await mayNot(namesake, encrypt());
      await mayNot(namesake, encrypt(undefined, { GrantTokens: [GrantToken] }));
    });
  });

  it("to an account, whose identity policies decide who has it", async () => {
    await setPolicy(kms, key.id, [{ ...enablesIam, Principal: { AWS: ADMINISTRATOR } }]);
    const carol = await kms.someone([allowing("kms:Encrypt", key.arn)]);
    await mayNot(carol, encrypt(), "no key policy");
    await grant({ GranteePrincipal: ROOT });
    await may(carol, encrypt());
    expect(await kms.refused(encrypt().by(alice.client, key, alice))).toMatch(
      /^AccessDeniedException: User: .* because no (identity|resource)-based policy allows/,
    );
    const dave = await kms.someone([allowing("kms:*")]);
    await may(dave, encrypt());
    await mayNot(dave, dataKey(), "no key policy");
  });

  it("across accounts, when an identity policy over there allows it too", async () => {
    const [without, permitted, unnamed] = [
      await kms.someone([], OTHER_ACCOUNT),
      await kms.someone([allowing("kms:Encrypt", key.arn)], OTHER_ACCOUNT),
      await kms.someone([allowing("kms:*")], OTHER_ACCOUNT),
    ];
    await mayNot(permitted, encrypt(), "foreign key", OTHER_ACCOUNT);
    for (const { arn } of [without, permitted]) await grant({ GranteePrincipal: arn });
    await may(permitted, encrypt(), OTHER_ACCOUNT);
    await mayNot(permitted, dataKey(), "foreign key", OTHER_ACCOUNT);
    await mayNot(without, encrypt(), "foreign key", OTHER_ACCOUNT);
    await mayNot(unnamed, encrypt(), "foreign key", OTHER_ACCOUNT);
  });

  it("to another account, whose identity policies decide who has it", async () => {
    await grant({ GranteePrincipal: `arn:aws:iam::${OTHER_ACCOUNT}:root` });
    const [permitted, without] = [await kms.someone([allowing("kms:Encrypt")], OTHER_ACCOUNT), await kms.someone([], OTHER_ACCOUNT)];
    await may(permitted, encrypt(), OTHER_ACCOUNT);
    await mayNot(without, encrypt(), "foreign key", OTHER_ACCOUNT);
    await mayNot(alice, encrypt());
  });

  it("wherever it stands among two hundred on the key", async () => {
    const others = Array.from({ length: 200 }, (_, number) =>
      grant({ GranteePrincipal: number % 2 === 0 ? ROOT : bob.arn, Operations: ["Decrypt"] }),
    );
    await Promise.all(others);
    await mayNot(alice, encrypt());
    const { GrantId } = await grant();
    await may(alice, encrypt());
    await mayNot(alice, decrypt(kms));
    await mayNot(bob, encrypt());
    await may(bob, decrypt(kms));
    await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId }));
    await mayNot(alice, encrypt());
  });
});
