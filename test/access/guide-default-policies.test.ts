/** @see AWS KMS Developer Guide, "Default key policy" */
import { PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { allowing, OTHER_ACCOUNT, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import * as acts from "./acts.ts";
import { enablesIam, ROOT } from "./examples.ts";
import { SAID, type Why } from "./refusals.ts";

const { encrypt, dataKey, describeKey, getKeyPolicy, disableKey, enableKey, scheduleDeletion, createGrant, listGrants, listTags } = acts;

describe("the default key policies", () => {
  const kms = startKms();
  const refusalOf = (user: TestUser, key: TestKey, act: acts.Act, account?: string) =>
    kms.refused(act.by(user.client, key, user), undefined, account);
  const textOf = (why: Why, user: TestUser, key: TestKey, { action }: acts.Act) => SAID[why]({ who: user.arn, action, on: key.arn });

  describe("that of the API leaves everything to the account", () => {
    const everyday = { encrypt: encrypt(), dataKey: dataKey(), describeKey: describeKey(), getKeyPolicy: getKeyPolicy(), disableKey };

    it.each(Object.entries(everyday))(
      "%s: a user whose identity policy allows it may, whoever does not have one may not",
      async (_, act) => {
        const key = await kms.key();
        const [nobody, other, may] = [
          await kms.someone(),
          await kms.someone([allowing("kms:ListKeys")]),
          await kms.someone([allowing(act.action)]),
        ];
        for (const user of [nobody, other]) expect(await refusalOf(user, key, act)).toBe(textOf("no identity policy", user, key, act));
        expect((await kms.told(await act.by(may.client, key, may))).caller).toBe(may.arn);
      },
    );

    it("an identity policy reaches as far as its Resource: one key, all of an account, all of a Region, all", async () => {
      const [key, other] = [await kms.key(), await kms.key()];
      const all = key.arn.replace(/key\/.+$/, "key/*");
      const [account = "", region = ""] = [key.arn.split(":")[4], key.arn.split(":")[3]];
      for (const [resource, onKey, onOther] of [
        [key.arn, true, false],
        [all, true, true],
        [all.replace(region, "*"), true, true],
        ["*", true, true],
        [`${key.arn.slice(0, -4)}*`, true, false],
        [`${key.arn.slice(0, -1)}?`, true, false],
        [all.replace(account, "999988887777"), false, false],
        [all.replace(region, "eu-central-1"), false, false],
        [all.replace("key/", "alias/"), false, false],
      ] as const) {
        const user = await kms.someone([allowing("kms:Encrypt", resource)]);
        for (const [target, may] of [
          [key, onKey],
          [other, onOther],
        ] as const) {
          const outcome = await encrypt()
            .by(user.client, target, user)
            .then(
              () => "",
              (cause: Error) => `${cause.name}: ${cause.message}`,
            );
          expect.soft(outcome, `${resource} for ${target.arn}`).toBe(may ? "" : textOf("no identity policy", user, target, encrypt()));
        }
      }
    });

    it("an alias as Resource does not reach the key behind it", async () => {
      const [key, name] = [await kms.key(), kms.newName("alias/resource")];
      const user = await kms.someone([allowing("kms:Encrypt", key.arn.replace(/key\/.+$/, name))]);
      expect(await refusalOf(user, key, encrypt())).toBe(textOf("no identity policy", user, key, encrypt()));
    });

    it("another account has nothing of it", async () => {
      const [key, stranger] = [await kms.key(), await kms.someone([allowing("kms:*")], OTHER_ACCOUNT)];
      for (const act of [encrypt(), describeKey(), listGrants])
        expect(await refusalOf(stranger, key, act, OTHER_ACCOUNT)).toBe(textOf("foreign key", stranger, key, act));
    });
  });

  describe("that of the console", () => {
    let key: TestKey;
    let people: Record<"administrator" | "user" | "both" | "neither" | "iam", TestUser>;

    beforeAll(async () => {
      key = await kms.key();
      const [administrator, user, both, neither] = [await kms.someone(), await kms.someone(), await kms.someone(), await kms.someone()];
      people = { administrator, user, both, neither, iam: await kms.someone([allowing(["kms:Encrypt", "kms:CreateGrant"])]) };
      const allow = (Sid: string, AWS: string[], Action: string[], rest = {}) => ({
        Sid,
        Effect: "Allow",
        Principal: { AWS },
        Action,
        Resource: "*",
        ...rest,
      });
      const [administrators, users] = [
        [administrator.arn, both.arn],
        [user.arn, both.arn],
      ];
      const managed = ["Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"];
      const named = ["TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion", "RotateKeyOnDemand"];
      const used = ["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey"];
      const kmsActions = (names: readonly string[]) => names.map((name) => `kms:${name}`);
      const Policy = JSON.stringify({
        Version: "2012-10-17",
        Id: "key-consolepolicy-3",
        Statement: [
          enablesIam,
          allow("Allow access for Key Administrators", administrators, kmsActions([...managed, ...named])),
          allow("Allow use of the key", users, kmsActions(used)),
          allow("Allow attachment of persistent resources", users, kmsActions(["CreateGrant", "ListGrants", "RevokeGrant"]), {
            Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
          }),
        ],
      });
      await kms.client.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }));
    });

    const manages: Record<string, acts.Act> = {
      DescribeKey: describeKey(),
      GetKeyPolicy: getKeyPolicy(),
      PutKeyPolicy: acts.putKeyPolicy(kms),
      UpdateKeyDescription: acts.describeAs("described"),
      TagResource: acts.tag({ a: "1" }),
      UntagResource: acts.untag("a"),
      ListResourceTags: listTags,
      DisableKey: disableKey,
      EnableKey: enableKey,
      CreateGrant: createGrant(ROOT),
      ListGrants: listGrants,
      RevokeGrant: acts.revokeGrant(kms, ROOT),
    };
    const uses: Record<string, acts.Act> = {
      Encrypt: encrypt(),
      Decrypt: acts.decrypt(kms),
      ReEncrypt: acts.reEncrypt(kms),
      GenerateDataKey: dataKey(),
      GenerateDataKeyWithoutPlaintext: acts.dataKeyWithoutPlaintext,
    };
    const may = async (who: keyof typeof people, act: acts.Act) =>
      expect((await kms.told(await act.by(people[who].client, key, people[who]))).caller).toBe(people[who].arn);
    const mayNot = async (who: keyof typeof people, act: acts.Act) =>
      expect(await refusalOf(people[who], key, act)).toBe(textOf("no identity policy", people[who], key, act));

    it.each(Object.entries(manages))("%s: its administrators may", async (_, act) => {
      await may("administrator", act);
      await may("both", act);
      await mayNot("neither", act);
    });

    it.each(Object.entries(manages).filter(([name]) => name !== "DescribeKey"))("%s: its users may not", async (_, act) => {
      await mayNot("user", act);
    });

    it.each(Object.entries(uses))("%s: its users may, and its administrators may not", async (_, act) => {
      await may("user", act);
      await may("both", act);
      await mayNot("administrator", act);
      await mayNot("neither", act);
    });

    it("its users may describe it", () => may("user", describeKey()));

    it("its users attach it to resources through AWS services only: none of their own calls is one", async () => {
      for (const act of [createGrant(ROOT), listGrants, acts.revokeGrant(kms, ROOT)]) await mayNot("user", act);
    });

    it("identity policies of the account count too, for what they allow", async () => {
      await may("iam", encrypt());
      await may("iam", createGrant(ROOT));
      await mayNot("iam", describeKey());
    });

    it("its administrators may let it be deleted, and change their minds", async () => {
      await mayNot("user", scheduleDeletion(7));
      await may("administrator", scheduleDeletion(7));
      await mayNot("user", acts.cancelDeletion);
      await may("administrator", acts.cancelDeletion);
      await may("administrator", enableKey);
    });
  });
});
