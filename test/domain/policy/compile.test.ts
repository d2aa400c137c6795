import { expect, test } from "vitest";
import { compilePolicy, policyCompiler } from "#domain/policy/compile";
import { mentions } from "#domain/policy/document";
import { ADMIN, allow, DELEGATES, deny, document } from "./cast.ts";

const padded = (sid: string) => document([{ ...DELEGATES, Sid: sid.padEnd(100, "-") }]);

test("the same text is compiled once, each kind for itself", () => {
  const admin = document([ADMIN]);
  expect(compilePolicy(admin, "identity")).toBe(compilePolicy(`${admin}`, "identity"));
  expect(() => compilePolicy(admin, "key")).toThrow("Policy contains a statement with no principal.");
});

test("what is used stays, what is not used goes, and room is bounded", () => {
  const compile = policyCompiler(4000);
  const [kept, dropped] = [compile(padded("kept"), "key"), compile(padded("dropped"), "key")];
  for (let i = 0; i < 50; i += 1) {
    compile(padded(`${i}`), "key");
    expect(compile(padded("kept"), "key")).toBe(kept);
  }
  expect(compile(padded("dropped"), "key")).not.toBe(dropped);
});

test("a stored policy above the limit on size still speaks", () => {
  const large = document([allow("kms:*", "alice", { Sid: "x".repeat(40_000) })]);
  expect(compilePolicy(large, "key").statements).toHaveLength(1);
});

test("a refusal is not remembered as a policy", () => {
  const compile = policyCompiler(4000);
  for (const _ of [1, 2]) expect(() => compile("{}", "key")).toThrow("Syntax errors in policy.");
});

test("an action is compared once, and unknown actions cannot make the memory grow", () => {
  const policy = compilePolicy(document([DELEGATES]), "key");
  const about = policy.about("kms:Encrypt");
  expect(policy.about("kms:Encrypt")).toBe(about);
  expect(policy.about("s3:GetObject")).toEqual({ denies: [], allows: [], keys: new Set() });
  for (let i = 0; i < 1000; i += 1) policy.about(`kms:${i}`);
  expect(policy.about("kms:Encrypt")).not.toBe(about);
  expect(policy.about("kms:Encrypt")).toEqual(about);
});

test("what is said about 128 actions is kept", () => {
  const policy = policyCompiler(0)(document([DELEGATES]), "key");
  const about = policy.about("kms:0");
  for (let i = 1; i < 128; i += 1) policy.about(`kms:${i}`);
  expect(policy.about("kms:0")).toBe(about);
  policy.about("kms:128");
  expect(policy.about("kms:0")).not.toBe(about);
});

test("a policy tells which condition keys its statements about an action ask for", () => {
  const aliases = { Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/x" }, Null: { "aws:TokenIssueTime": true } } };
  const owner = { Resource: `arn:aws:kms:*:*:key/${variable("aws:PrincipalTag/Key")}` };
  const described = { Condition: { StringLike: { "kms:RequestAlias": [`alias/${variable("aws:Username")}`, "alias/x"] } } };
  const policy = compilePolicy(
    document([
      allow("kms:Encrypt", undefined, aliases),
      deny("kms:E*", undefined, owner),
      allow("kms:DescribeKey", undefined, described),
      ADMIN,
    ]),
    "identity",
  );
  expect([...mentions(policy, "kms:Encrypt")].sort()).toEqual(["aws:principaltag/key", "aws:tokenissuetime", "kms:resourcealiases"]);
  expect([...mentions(policy, "kms:EnableKey")]).toEqual(["aws:principaltag/key"]);
  expect([...mentions(policy, "kms:DescribeKey")]).toEqual(["kms:requestalias", "aws:username"]);
  expect(mentions(policy, "kms:Sign")).toEqual(new Set());
  expect(mentions(policy, "kms:Sign")).toBe(mentions(policy, "kms:Sign"));
});

const variable = (key: string) => `\${${key}}`;
