/** @see AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key" */
import { beforeAll, describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { allowing, denying, OTHER_ACCOUNT, policyOf, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import {
  type Act,
  dataKey,
  decrypt,
  describeKey,
  disableKey,
  encrypt,
  getKeyPolicy,
  listTags,
  reEncrypt,
  scheduleDeletion,
  tag,
} from "./acts.ts";
import { enablesIam, ROOT } from "./examples.ts";
import { SAID, type Why } from "./refusals.ts";

const USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
const OTHER_ROOT = `arn:aws:iam::${OTHER_ACCOUNT}:root`;
const use = (Principal: object | string, rest: object = {}) => ({
  Sid: "Allow an external account to use this KMS key",
  Effect: "Allow",
  Principal,
  Action: USE,
  Resource: "*",
  ...rest,
});

describe("a key that is shared with another account", () => {
  const kms = startKms();
  let key: TestKey;

  /** A user over there whose identity policies say this. */
  const foreigner = (...policies: object[]) => kms.someone(policies, OTHER_ACCOUNT);
  const may = async (user: TestUser, act: Act) => {
    const told = await kms.told(await act.by(user.client, key, user), undefined, OTHER_ACCOUNT);
    expect(told).toMatchObject({ caller: user.arn, resources: expect.arrayContaining([key.arn]) });
    expect(told.error).toBeUndefined();
  };
  const mayNot = async (user: TestUser, act: Act, why: Why = "foreign key") => {
    const said = await kms.refused(act.by(user.client, key, user), undefined, OTHER_ACCOUNT);
    expect(said).toBe(SAID[why]({ who: user.arn, action: act.action, on: key.arn }));
  };

  const USES: Record<string, Act> = {
    Encrypt: encrypt({ a: "1" }),
    Decrypt: decrypt(kms, { a: "1" }),
    ReEncrypt: reEncrypt(kms),
    GenerateDataKey: dataKey(),
    DescribeKey: describeKey(),
  };

  describe("whose policy names the account", () => {
    beforeAll(async () => {
      key = await kms.key();
      await setPolicy(kms, key.id, [enablesIam, use({ AWS: OTHER_ROOT })]);
    });

    it.each(Object.entries(USES))("%s: those whom an identity policy over there allows may, and nobody else", async (_, act) => {
      await may(await foreigner(allowing(USE, key.arn)), act);
      await may(await foreigner(allowing("kms:*")), act);
      await mayNot(await foreigner(), act);
      await mayNot(await foreigner(allowing(USE, key.arn.replace(/.{4}$/, "0000"))), act);
    });

    it("the identity policy gives some of what the key policy offers", async () => {
      const reader = await foreigner(allowing("kms:Decrypt", key.arn));
      await may(reader, decrypt(kms));
      await mayNot(reader, encrypt());
    });

    it("the identity policy gives nothing that the key policy does not offer", async () => {
      const user = await foreigner(allowing("kms:*"));
      for (const act of [disableKey, scheduleDeletion(7), tag({ a: "1" }), listTags, getKeyPolicy()]) await mayNot(user, act);
    });

    it("a deny in the identity policy stands", async () => {
      const user = await foreigner(allowing("kms:*"), denying("kms:Encrypt", key.arn));
      const said = await kms.refused(encrypt().by(user.client, key, user), undefined, OTHER_ACCOUNT);
      expect([
        SAID["foreign key"]({ who: user.arn, action: "kms:Encrypt", on: key.arn }),
        SAID["denied by identity policy"]({ who: user.arn, action: "kms:Encrypt", on: key.arn }),
      ]).toContain(said);
      await may(user, dataKey());
    });

    it("the account of the key is as free as before", async () => {
      const [user, nobody] = [await kms.someone([allowing("kms:Encrypt")]), await kms.someone()];
      expect((await kms.told(await encrypt().by(user.client, key, user))).caller).toBe(user.arn);
      expect(await kms.refused(encrypt().by(nobody.client, key, nobody))).toBe(
        SAID["no identity policy"]({ who: nobody.arn, action: "kms:Encrypt", on: key.arn }),
      );
    });
  });

  describe("whose policy names a user of the account", () => {
    let [named, permitted, other] = [] as unknown as [TestUser, TestUser, TestUser];
    beforeAll(async () => {
      key = await kms.key();
      [named, permitted, other] = [await foreigner(), await foreigner(allowing(USE)), await foreigner(allowing(USE))];
      await setPolicy(kms, key.id, [enablesIam, use({ AWS: [named.arn, permitted.arn] })]);
    });

    it.each(Object.entries(USES))("%s: that user may, if an identity policy over there says so too", async (_, act) => {
      await may(permitted, act);
      await mayNot(named, act);
      await mayNot(other, act);
    });
  });

  describe("whose policy names everybody", () => {
    beforeAll(async () => {
      key = await kms.key();
      await setPolicy(kms, key.id, [enablesIam, use({ AWS: "*" })]);
    });

    it("those of its own account need no identity policy, those of others do", async () => {
      const own = await kms.someone();
      expect((await kms.told(await encrypt().by(own.client, key, own))).caller).toBe(own.arn);
      await mayNot(await foreigner(), encrypt());
      await may(await foreigner(allowing("kms:Encrypt", key.arn)), encrypt());
    });
  });

  describe("whose policy means the account by a condition (kms:CallerAccount)", () => {
    beforeAll(async () => {
      key = await kms.key();
      await setPolicy(kms, key.id, [enablesIam, use("*", { Condition: { StringEquals: { "kms:CallerAccount": OTHER_ACCOUNT } } })]);
    });

    it("those of that account may, with an identity policy over there, and those of its own may not by it", async () => {
      const own = await kms.someone();
      await may(await foreigner(allowing(USE)), encrypt());
      await mayNot(await foreigner(), encrypt());
      expect(await kms.refused(encrypt().by(own.client, key, own))).toBe(
        SAID["no identity policy"]({ who: own.arn, action: "kms:Encrypt", on: key.arn }),
      );
    });
  });

  describe("whose policy denies the account what a statement allows", () => {
    beforeAll(async () => {
      key = await kms.key();
      await setPolicy(kms, key.id, [
        enablesIam,
        use({ AWS: [ROOT, OTHER_ROOT] }),
        use({ AWS: OTHER_ROOT }, { Sid: "No encryption", Effect: "Deny", Action: "kms:Encrypt" }),
      ]);
    });

    it("nobody of it may, and is told nothing of the key", async () => {
      const user = await foreigner(allowing("kms:*"));
      await mayNot(user, encrypt());
      await may(user, dataKey());
    });
  });

  it("what its owner may do to it, another account may not, even if both policies say so", async () => {
    key = await kms.key();
    await setPolicy(kms, key.id, [enablesIam, { ...use({ AWS: OTHER_ROOT }), Action: "kms:*" }]);
    const user = await foreigner(allowing("*"));
    await may(user, encrypt());
    for (const act of [disableKey, scheduleDeletion(7), tag({ a: "1" }), listTags, getKeyPolicy()]) await mayNot(user, act);
  });

  it("a key that does not exist, and one that is not shared, look the same from there", async () => {
    key = await kms.key();
    const user = await foreigner(policyOf({ Effect: "Allow", Action: "*", Resource: "*" }));
    const missing = { ...key, arn: key.arn.replace(/key\/.+$/, "key/1234abcd-12ab-34cd-56ef-1234567890ab") };
    const of = (target: TestKey) => kms.refused(encrypt().by(user.client, target, user), undefined, OTHER_ACCOUNT);
    expect(await of(missing)).toBe(await of(key));
  });
});
