/** What a Condition may not say: refused when it is written, so that no stored policy holds it. */
import { describe, expect, test } from "vitest";
import { compilePolicy, policyCompiler } from "#domain/policy/compile";
import { evaluate } from "#domain/policy/evaluate";
import { ADMIN, allow, CALLERS, DELEGATES, document, identityPolicy, KEY, keyPolicy, OWN, spell } from "./cast.ts";

const compile = (Condition: unknown) => policyCompiler(1)(document([{ ...ADMIN, Condition }]), "identity");
const one = (operator: string, value: unknown, key = "aws:username") => ({ [operator]: { [key]: value } });
const variable = (text: string) => `\${${text}}`;

describe("operators", () => {
  const FAMILIES = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
  ];
  const NUMBERS = [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
  ];
  const DATES = NUMBERS.map((name) => name.replace("Numeric", "Date"));
  const ARNS = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];
  const values: readonly (readonly [readonly string[], string])[] = [
    [FAMILIES, "x"],
    [NUMBERS, "7"],
    [DATES, "2026-11-22"],
    [["Bool"], "true"],
    [["BinaryEquals"], "QUJD"],
    [["IpAddress", "NotIpAddress"], "10.0.0.0/8"],
    [ARNS, "arn:aws:s3:::x"],
  ];
  const all = values.flatMap(([names, value]) => names.map((name) => [name, value] as const));

  test.each(all)("%s is one, with IfExists and of sets", (name, value) => {
    for (const text of [name, `${name}IfExists`, `ForAnyValue:${name}`, `ForAllValues:${name}`, `ForAllValues:${name}IfExists`]) {
      expect(() => compile(one(text, value))).not.toThrow();
    }
  });

  test.each([
    "",
    "StringEqual",
    "StringEqualsIfExist",
    "IfExists",
    "StringEqualsIfExistsIfExists",
    "ForAnyValues:StringEquals",
    "ForAllValue:StringEquals",
    "ForAnyValue:ForAllValues:StringEquals",
    "ForAnyValue:",
    "ForAnyValue",
    "NullIfExists",
    "ForAnyValue:Null",
    "ForAllValues:Null",
    "BoolEquals",
    "NotBool",
    "NumericLike",
    "DateLike",
    "BinaryLike",
    "BinaryNotEquals",
    "IpNotAddress",
    "NotStringEquals",
    "String Equals",
    "StringEquals ",
    " StringEquals",
    "x:StringEquals",
    "constructor",
    "__proto__",
  ])("%j is none", (name) =>
    expect(() => compile(JSON.parse(`{${JSON.stringify(name)}:{"aws:username":"x"}}`))).toThrow("Syntax errors in policy."),
  );

  test("Null takes true and false", () => {
    for (const value of ["true", "false", "TRUE", true, false]) expect(() => compile(one("Null", value))).not.toThrow();
    for (const value of ["", "null", "yes", 0, variable("aws:username")]) expect(() => compile(one("Null", value))).toThrow();
  });
});

describe("values that an operator cannot read", () => {
  // biome-ignore format: one row a line
  test.each<[string, unknown]>([
    ["NumericEquals", "seven"], ["NumericEquals", ""], ["NumericEquals", "0x10"], ["NumericEquals", "1e999"], ["NumericEquals", "9007199254740992"],
    ["NumericEquals", "NaN"], ["NumericEquals", "Infinity"], ["NumericEquals", "7 "], ["NumericEquals", "--7"], ["NumericEquals", "."], ["NumericEquals", true],
    ["NumericEquals", variable("aws:username")], ["NumericEquals", ["7", "x"]],
    ["DateEquals", "tomorrow"], ["DateEquals", "2026-13-01"], ["DateEquals", "2026-02-30"], ["DateEquals", ""], ["DateEquals", "2026*"], ["DateLessThan", variable("aws:CurrentTime")],
    ["Bool", "yes"], ["Bool", 1], ["Bool", ""], ["Bool", " true"], ["Bool", variable("aws:SecureTransport")],
    ["BinaryEquals", "not base64!"], ["BinaryEquals", "QUJ"+"D=x"], ["BinaryEquals", variable("aws:username")],
    ["IpAddress", "10.0.0.0/33"], ["IpAddress", "10.0.0"], ["IpAddress", "10.0.0.*"], ["IpAddress", ""], ["NotIpAddress", variable("aws:SourceIp")],
    ["ArnLike", "arn:aws:s3"], ["ArnLike", "Builder"], ["ArnLike", ""], ["ArnEquals", "arn:aws:iam::*"], ["ArnLike", `${variable("aws:PrincipalArn")}*`],
    ["ArnLike", "**"], ["ArnLike", "?"],
  ])("%s %j", (operator, value) => expect(() => compile(one(operator, value))).toThrow("Syntax errors in policy."));

  test("without values nothing has to be read", () => {
    for (const operator of ["NumericEquals", "IpAddress", "ArnLike", "Null"]) expect(() => compile(one(operator, []))).not.toThrow();
  });
});

describe("variables that are not written as one", () => {
  test.each([
    variable(""),
    variable(" "),
    variable("username"),
    variable("aws:"),
    variable(":username"),
    variable("aws:user name, x"),
    variable("aws:username,'x"),
    variable("aws:username, x"),
    variable("aws:username, 'x' y"),
    variable("aws:username, ''' "),
    variable("aws:{x"),
    variable("**"),
    variable("a"),
    variable("aws:username").slice(0, -1),
    `x${variable("aws:username").slice(0, 2)}`,
    variable("aws: username"),
  ])("%s", (text) => {
    expect(() => compile(one("StringEquals", text))).toThrow("Syntax errors in policy.");
    expect(() => compile(one("ArnLike", `arn:aws:s3:::${text}`))).toThrow("Syntax errors in policy.");
    const resource = { ...ADMIN, Resource: `arn:aws:kms:::${text}` };
    expect(() => compilePolicy(document([resource]), "identity")).toThrow("Syntax errors in policy.");
  });

  test('"You can\'t use a variable to replace parts of the ARN before the fifth colon"', () => {
    for (const at of [1, 2, 3, 4]) {
      const parts = ["arn", "aws", "kms", "us-east-1", OWN, "key/x"].with(at, variable("aws:username"));
      expect(() => compilePolicy(document([{ ...ADMIN, Resource: parts.join(":") }]), "identity")).toThrow("Syntax errors in policy.");
    }
    const whole = { ...ADMIN, Resource: variable("aws:PrincipalArn") };
    expect(() => compilePolicy(document([whole]), "identity")).toThrow('must be in ARN format or "*"');
  });
});

test("hostile wildcards in conditions, variables and resources take linear time", () => {
  const stars = "*a".repeat(1000);
  const text = "a".repeat(4000);
  const Condition = { StringLike: { "aws:ResourceTag/x": [stars.concat("b"), `${variable("aws:username")}${stars}b`] } };
  const request = {
    action: "kms:Encrypt",
    resource: KEY,
    resourceAccount: OWN,
    caller: CALLERS.alice,
    keyPolicy: keyPolicy(DELEGATES),
    identityPolicies: [{ name: "attached", policy: identityPolicy(allow("kms:*", undefined, { Condition })) }],
    context: () => text,
  };
  const start = process.threadCpuUsage();
  for (let i = 0; i < 10; i += 1) expect(spell(evaluate(request))).toBe("deny identity implicit");
  expect(process.threadCpuUsage(start).user).toBeLessThan(500_000);
});

test("a value of nothing but wildcards and variables is read, however long", () => {
  for (const text of ["*".repeat(130_000), "?*".repeat(60_000), "*".repeat(60_000) + variable("aws:username").repeat(4000)]) {
    expect(() => compile(one("StringLike", text))).not.toThrow();
  }
});
