/** @see AWS KMS Developer Guide, "ABAC for AWS KMS", "kms:RequestAlias", "kms:ResourceAliases" */
import { CreateAliasCommand, DeleteAliasCommand, UpdateAliasCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { aliasArn, policyOf, startKms, type TestKey } from "../kms/start.ts";
import { createGrant, createKey, dataKey, describeKey, disableKey, enableKey, encrypt, tag, untag } from "./acts.ts";
import { everything, itDecides, ROOT } from "./examples.ts";
import { SAID } from "./refusals.ts";

describe("aliases and tags as conditions", () => {
  const kms = startKms();
  const alias = (AliasName: string) => async (key: TestKey) => kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
  const by = (KeyId: string) => dataKey(undefined, { KeyId });

  itDecides(kms, {
    of: "a key policy that asks for the alias in the request (kms:RequestAlias)",
    key: [
      {
        Action: ["kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant"],
        Condition: { StringEquals: { "kms:RequestAlias": "alias/finance-key" } },
      },
    ],
    prepare: async (key) => {
      await alias("alias/finance-key")(key);
      await alias("alias/finance-key-2")(key);
    },
    allows: {
      "by the alias": by("alias/finance-key"),
      "by the alias's ARN": by(aliasArn("alias/finance-key")),
      "to describe by the alias": describeKey({ KeyId: "alias/finance-key" }),
    },
    refuses: {
      "by the key's ARN": dataKey(),
      "by another alias of the same key": by("alias/finance-key-2"),
      "to describe by the key's ARN": describeKey(),
      "an operation that takes no alias": createGrant(ROOT),
    },
  });

  itDecides(kms, {
    of: "an identity policy that asks for an alias like a pattern in the request",
    identity: [{ Action: "kms:GenerateDataKey", Condition: { StringLike: { "kms:RequestAlias": "alias/*test*" } } }],
    prepare: async (key) => {
      await alias("alias/a-test-key")(key);
      await alias("alias/a-key")(key);
    },
    allows: { "an alias like it": by("alias/a-test-key"), "its ARN": by(aliasArn("alias/a-test-key")) },
    refuses: { "another alias": by("alias/a-key"), "no alias": dataKey() },
  });

  itDecides(kms, {
    of: "an identity policy that denies the use of keys except by one alias",
    identity: [
      everything,
      { Effect: "Deny", Action: "kms:GenerateDataKey", Condition: { StringNotEquals: { "kms:RequestAlias": "alias/only" } } },
    ],
    prepare: alias("alias/only"),
    allows: { "by the alias": by("alias/only"), "another operation": encrypt() },
    refuses: { "by the key's ARN, where there is no alias to compare": dataKey() },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy for keys that have an alias (kms:ResourceAliases, ForAnyValue)",
    identity: [
      { Action: "kms:GenerateDataKey", Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/payroll-key" } } },
    ],
    prepare: async (key) => {
      await alias("alias/payroll-key")(key);
      await alias("alias/payroll-other")(key);
    },
    allows: {
      "by that alias": by("alias/payroll-key"),
      "by another of its aliases": by("alias/payroll-other"),
      "by the key's ARN": dataKey(),
    },
    refuses: { "another operation": encrypt() },
  });

  itDecides(kms, {
    of: "an identity policy for keys that have another alias",
    identity: [{ Action: "kms:GenerateDataKey", Condition: { "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/payroll-*" } } }],
    prepare: alias("alias/other-key"),
    allows: {},
    refuses: { "by the alias it has": by("alias/other-key"), "by the key's ARN": dataKey() },
  });

  const onlyTests = {
    Action: ["kms:EnableKey", "kms:DisableKey"],
    Condition: {
      "ForAllValues:StringLike": { "kms:ResourceAliases": ["alias/*Test*"] },
      "ForAnyValue:StringLike": { "kms:ResourceAliases": ["alias/*Test*"] },
    },
  };
  itDecides(kms, {
    of: "an identity policy for keys all of whose aliases are like a pattern: with such aliases",
    identity: [onlyTests],
    prepare: async (key) => {
      await alias("alias/Test-1")(key);
      await alias("alias/my-Test-2")(key);
    },
    allows: { "to disable it": disableKey, "to enable it": enableKey },
    refuses: { "to use it": encrypt() },
  });
  itDecides(kms, {
    of: "an identity policy for keys all of whose aliases are like a pattern: with one that is not",
    identity: [onlyTests],
    prepare: async (key) => {
      await alias("alias/Test-3")(key);
      await alias("alias/Prod-3")(key);
    },
    allows: {},
    refuses: { "to disable it": disableKey },
  });
  itDecides(kms, {
    of: "an identity policy for keys all of whose aliases are like a pattern: without any",
    identity: [onlyTests],
    allows: {},
    refuses: { "to disable it": disableKey },
  });

  it("an alias that moves takes the permission with it, at once", async () => {
    const [first, second, AliasName] = [await kms.key(), await kms.key(), kms.newName("alias/moves")];
    const Condition = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": AliasName } };
    const user = await kms.someone([policyOf({ Effect: "Allow", Action: "kms:Encrypt", Resource: "*", Condition })]);
    const may = async (key: TestKey) => expect((await kms.told(await encrypt().by(user.client, key, user))).caller).toBe(user.arn);
    const mayNot = async (key: TestKey) =>
      expect(await kms.refused(encrypt().by(user.client, key, user))).toBe(
        SAID["no identity policy"]({ who: user.arn, action: "kms:Encrypt", on: key.arn }),
      );
    await mayNot(first);
    await alias(AliasName)(first);
    await may(first);
    await mayNot(second);
    await kms.client.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second.id }));
    await mayNot(first);
    await may(second);
    await kms.client.send(new DeleteAliasCommand({ AliasName }));
    await mayNot(second);
  });

  const forAlpha = { Action: ["kms:GenerateDataKey*", "kms:Encrypt"], Condition: { StringEquals: { "aws:ResourceTag/Project": "Alpha" } } };
  itDecides(kms, {
    of: "an identity policy for keys with a tag (aws:ResourceTag): with the tag",
    identity: [forAlpha],
    tags: { Project: "Alpha", Stage: "test" },
    allows: { "to encrypt": encrypt(), "to make data keys": dataKey() },
    refuses: { "another operation": describeKey() },
  });
  for (const [of, tags] of Object.entries({
    "with another value": { Project: "Beta" },
    "with the value in other letters": { Project: "alpha" },
    "without it": { Stage: "Alpha" },
  }))
    itDecides(kms, {
      of: `an identity policy for keys with a tag (aws:ResourceTag): ${of}`,
      identity: [forAlpha],
      tags,
      allows: {},
      refuses: { "to encrypt": encrypt(), "to make data keys": dataKey() },
    });

  itDecides(kms, {
    of: "an identity policy that denies keys with a tag",
    identity: [
      everything,
      { Effect: "Deny", Action: "kms:*", Condition: { StringEquals: { "aws:ResourceTag/Stage": ["Prod", "Restricted"] } } },
    ],
    tags: { Stage: "Prod" },
    allows: { "to make keys, which have no tag yet": createKey() },
    refuses: { "to encrypt": encrypt(), "to describe": describeKey(), "to take the tag away": untag("Stage") },
    why: "denied by identity policy",
  });

  const typed = [
    { Action: ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt", "kms:ReEncrypt*"] },
    { Effect: "Deny", Action: "kms:*", Condition: { StringEquals: { "aws:ResourceTag/Type": "Reserved" } } },
    { Effect: "Deny", Action: "kms:*", Condition: { Null: { "aws:ResourceTag/Type": "true" } } },
  ] as const;
  itDecides(kms, {
    of: "an identity policy that denies keys with a reserved tag or without it: with another",
    identity: typed,
    tags: { Type: "Free" },
    allows: { "to encrypt": encrypt(), "to make data keys": dataKey() },
    refuses: { "another operation": describeKey() },
  });
  for (const [of, tags] of Object.entries({ "with a reserved one": { Type: "Reserved" }, "without it": { Other: "Free" } }))
    itDecides(kms, {
      of: `an identity policy that denies keys with a reserved tag or without it: ${of}`,
      identity: typed,
      tags,
      allows: {},
      refuses: { "to encrypt": encrypt(), "another operation": describeKey() },
      why: "denied by identity policy",
    });

  it("a tag that comes and goes gives and takes the permission, at once", async () => {
    const key = await kms.key();
    const user = await kms.someone([policyOf({ Effect: "Allow", Resource: "*", ...forAlpha })]);
    const may = async () => expect((await kms.told(await encrypt().by(user.client, key, user))).caller).toBe(user.arn);
    const mayNot = async () =>
      expect(await kms.refused(encrypt().by(user.client, key, user))).toBe(
        SAID["no identity policy"]({ who: user.arn, action: "kms:Encrypt", on: key.arn }),
      );
    await mayNot();
    await tag({ Project: "Alpha" }).by(kms.client, key, user);
    await may();
    await tag({ Project: "Beta" }).by(kms.client, key, user);
    await mayNot();
    await tag({ Project: "Alpha" }).by(kms.client, key, user);
    await may();
    await untag("Project").by(kms.client, key, user);
    await mayNot();
  });
});
