import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "#domain/fault";
import type { PolicyKind } from "#domain/policy/dialect";
import { parsePolicy, principalsOf } from "#domain/policy/document";
import { ADMIN, allow, CONDITION, DELEGATES, document, type Element, OWN, PRINCIPALS } from "./cast.ts";

/** The refusal as `name: text`, or "accepted". */
function outcome(text: string, kind: PolicyKind = "key"): string {
  try {
    parsePolicy(text, kind);
    return "accepted";
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

const malformed = (text: string) => `MalformedPolicyDocumentException: ${text}`;
const SYNTAX = malformed("Syntax errors in policy.");
const PRINCIPAL = malformed("Policy contains a statement with one or more invalid principals.");
const NOBODY = malformed("Policy contains a statement with no principal.");
const NO_ACTION = malformed("Policy statement must contain actions.");
const NO_RESOURCE = malformed("Policy statement must contain resources.");
const NO_VENDOR = malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
const TWICE = malformed("Statement IDs (SID) in a single policy must be unique.");

const text = (more: Element, statement: Element = DELEGATES) => JSON.stringify({ Version: "2012-10-17", Statement: statement, ...more });
const one = (more: Element) => document([{ ...DELEGATES, ...more }]);
const id = (more: Element) => document([{ ...ADMIN, ...more }]);
const named = (principal: unknown) => one({ Principal: principal });

describe("a document is refused as malformed unless it is written as IAM's grammar says", () => {
  // biome-ignore format: one row a line
  test.each<[string, string, string]>([
    ["a list of statements", document([DELEGATES]), "accepted"],
    ["one statement without a list", text({}), "accepted"],
    ["an Id", text({ Id: "key-default-1" }), "accepted"],
    ["the older version", document([DELEGATES], "2008-10-17"), "accepted"],
    ["no version", JSON.stringify({ Statement: DELEGATES }), "accepted"],
    ["white space around", ` \r\n\t${document([DELEGATES])}\n `, "accepted"],
    ["nothing", "", SYNTAX],
    ["no JSON", "not a real policy statement", SYNTAX],
    ["a string", '"policy"', SYNTAX],
    ["null", "null", SYNTAX],
    ["a list", "[]", SYNTAX],
    ["an empty object", "{}", SYNTAX],
    ["no statement", text({ Statement: [] }), SYNTAX],
    ["a statement that is none", text({ Statement: ["Allow"] }), SYNTAX],
    ["statements in a list in a list", text({ Statement: [[DELEGATES]] }), SYNTAX],
    ["another version", document([DELEGATES], "2020-01-01"), SYNTAX],
    ["a version that is null", text({ Version: null }), SYNTAX],
    ["an Id that is no string", text({ Id: 1 }), SYNTAX],
    ["an unknown element", text({ Statements: [] }), SYNTAX],
    ["an element in the wrong case", text({ version: "2012-10-17" }), SYNTAX],
    ["a prototype's name", '{"__proto__":{},"Statement":[]}', SYNTAX],
    ["an element that stands twice", `{"Version":"2012-10-17","Version":"2012-10-17","Statement":${JSON.stringify(DELEGATES)}}`, SYNTAX],
    ["text after the end", `${document([DELEGATES])}{}`, SYNTAX],
    ["a comma too many", document([DELEGATES]).replace("]", ",]"), SYNTAX],
    ["single quotes", document([DELEGATES]).replaceAll('"', "'"), SYNTAX],
    ["a comment", `${document([DELEGATES])} // why`, SYNTAX],
    ["a byte order mark", `\uFEFF${document([DELEGATES])}`, SYNTAX],
    ["half a surrogate pair", document([{ ...DELEGATES, Sid: "a" }]).replace('"a"', '"\\ud800"'), SYNTAX],
  ])("%s", (_, given, expected) => expect(outcome(given)).toBe(expected));
});

describe("a statement is refused unless it is whole and understood as written", () => {
  // biome-ignore format: one row a line
  test.each<[string, string, string, PolicyKind?]>([
    ["a Sid with spaces in a key policy", one({ Sid: "Enable IAM User Permissions" }), "accepted"],
    ["a Sid with spaces in an identity policy", id({ Sid: "Enable all" }), malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"), "identity"],
    ["a Sid that is no string", one({ Sid: 7 }), SYNTAX],
    ["an empty Sid that stands twice", document([{ ...DELEGATES, Sid: "" }, { ...DELEGATES, Sid: "" }]), "accepted"],
    ["a Sid that stands twice", document([{ ...DELEGATES, Sid: "a" }, { ...ADMIN, ...DELEGATES, Sid: "a" }]), TWICE],
    ["an element that stands twice", document([DELEGATES]).replace('"Effect"', '"Effect":"Deny","Effect"'), SYNTAX],
    ["an unknown element", one({ Principals: "*" }), SYNTAX],
    ["no Effect", one({ Effect: undefined }), SYNTAX],
    ["an Effect in the wrong case", one({ Effect: "allow" }), SYNTAX],
    ["no Principal", one({ Principal: undefined }), NOBODY],
    ["a Principal in an identity policy", id({ Principal: "*" }), malformed("Policy document should not specify a principal."), "identity"],
    ["a NotPrincipal in an identity policy", id({ NotPrincipal: "*" }), malformed("Policy document should not specify a principal."), "identity"],
    ["Principal and NotPrincipal", one({ NotPrincipal: "*" }), SYNTAX],
    ["NotPrincipal alone", one({ Principal: undefined, NotPrincipal: { AWS: PRINCIPALS.alice } }), "accepted"],
    ["no Action", one({ Action: undefined }), NO_ACTION],
    ["an empty list of actions", one({ Action: [] }), NO_ACTION],
    ["Action and NotAction", one({ NotAction: "kms:Sign" }), SYNTAX],
    ["an action that is no string", one({ Action: ["kms:Sign", 1] }), SYNTAX],
    ["an action that is null", one({ Action: null }), SYNTAX],
    ["an action without its service", one({ Action: "Encrypt" }), NO_VENDOR],
    ["an action with two colons", one({ Action: "kms:Encrypt:x" }), SYNTAX],
    ["an action with a sign that no action has", one({ Action: "\u212Ams:Encrypt" }), SYNTAX],
    ["every action", one({ Action: "*" }), "accepted"],
    ["an action of another service in a key policy", one({ Action: "s3:GetObject" }), "accepted"],
    ["no Resource", one({ Resource: undefined }), NO_RESOURCE],
    ["an empty list of resources", one({ Resource: [] }), NO_RESOURCE],
    ["Resource * as a list", one({ Resource: ["*"] }), "accepted"],
    ["a key's ARN as Resource of a key policy", one({ Resource: `arn:aws:kms:us-east-1:${OWN}:key/x` }), SYNTAX],
    ["NotResource in a key policy", one({ Resource: undefined, NotResource: "*" }), SYNTAX],
    ["Resource and NotResource", id({ NotResource: "*" }), SYNTAX, "identity"],
    ["a key's ARN in an identity policy", id({ Resource: `arn:aws:kms:us-east-1:${OWN}:key/x` }), "accepted", "identity"],
    ["an alias's ARN with wildcards in an identity policy", id({ Resource: `arn:aws:kms:*:${OWN}:alias/*` }), "accepted", "identity"],
    ["a resource that is no ARN", id({ Resource: "my-key" }), malformed('Resource my-key must be in ARN format or "*".'), "identity"],
    ["an empty resource", id({ Resource: "" }), malformed('Resource  must be in ARN format or "*".'), "identity"],
    ["a Condition", one(CONDITION), "accepted"],
    ["a Condition with a list of values, a number and a truth", one({ Condition: { StringEquals: { a: ["x", "y"] }, NumericEquals: { b: 7 }, Bool: { c: true } } }), "accepted"],
    ["a Condition that is no object", one({ Condition: "StringEquals" }), SYNTAX],
    ["a Condition that is null", one({ Condition: null }), SYNTAX],
    ["an operator without keys", one({ Condition: { StringEquals: "x" } }), SYNTAX],
    ["a key with an object as its value", one({ Condition: { StringEquals: { a: {} } } }), SYNTAX],
    ["a key with null as its value", one({ Condition: { StringEquals: { a: null } } }), SYNTAX],
    ["a key with a list of lists", one({ Condition: { StringEquals: { a: [["x"]] } } }), SYNTAX],
    ["a condition key that stands twice", document([DELEGATES]).replace('"Effect"', '"Condition":{"Bool":{"a":"true","a":"true"}},"Effect"'), SYNTAX],
  ])("%s", (_, given, expected, kind = "key") => expect(outcome(given, kind)).toBe(expected));

  test("ForAllValues over a context or tag is refused, as it also holds without one", () => {
    const refused = malformed(
      "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified [encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.",
    );
    expect(outcome(one({ Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContext:Department": "IT" } } }))).toBe(refused);
    expect(outcome(one({ Condition: { "forAllValues:StringLike": { "AWS:requestTag/Project": "x" } } }))).toBe(refused);
    expect(outcome(one({ Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "x" } } }))).toBe("accepted");
  });
});

describe("a principal has one of the forms that KMS knows", () => {
  const arn = (rest: string) => ({ AWS: `arn:aws:${rest}` });
  // biome-ignore format: one row a line
  test.each<[string, unknown, string]>([
    ["everyone", "*", "accepted"],
    ["everyone of AWS", { AWS: "*" }, "accepted"],
    ["an account", { AWS: OWN }, "accepted"],
    ["an account's ARN", arn(`iam::${OWN}:root`), "accepted"],
    ["a user", arn(`iam::${OWN}:user/alice`), "accepted"],
    ["a user with a path", arn(`iam::${OWN}:user/division_abc/subdivision_xyz/Bob`), "accepted"],
    ["a role", arn(`iam::${OWN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`), "accepted"],
    ["a session", arn(`sts::${OWN}:assumed-role/Builder/build-1`), "accepted"],
    ["a federated user", arn(`sts::${OWN}:federated-user/Frida`), "accepted"],
    ["an account in China", { AWS: `arn:aws-cn:iam::${OWN}:root` }, "accepted"],
    ["a user in GovCloud", { AWS: `arn:aws-us-gov:iam::${OWN}:user/alice` }, "accepted"],
    ["a service", { Service: "logs.us-east-1.amazonaws.com" }, "accepted"],
    ["a list", { AWS: [OWN, PRINCIPALS.alice], Service: ["ec2.amazonaws.com"] }, "accepted"],
    ["nobody", {}, NOBODY],
    ["an empty list", { AWS: [] }, NOBODY],
    ["another string than *", OWN, SYNTAX],
    ["a list without a type", [OWN], SYNTAX],
    ["a number", { AWS: 111122223333 }, SYNTAX],
    ["an unknown type", { Aws: "*" }, PRINCIPAL],
    ["a federation provider", { Federated: "cognito-identity.amazonaws.com" }, PRINCIPAL],
    ["a canonical user", { CanonicalUser: "79a59df900b949e55d96a1e698fbaced" }, PRINCIPAL],
    ["eleven digits", { AWS: OWN.slice(1) }, PRINCIPAL],
    ["an empty string", { AWS: "" }, PRINCIPAL],
    ["a user's bare name", { AWS: "alice" }, PRINCIPAL],
    ["the id of a deleted user", { AWS: "AIDACKCEVSQ6C2EXAMPLE" }, PRINCIPAL],
    ["the id of a deleted role", { AWS: "AROACKCEVSQ6C2EXAMPLE" }, PRINCIPAL],
    ["a group", arn(`iam::${OWN}:group/admins`), PRINCIPAL],
    ["all users by a wildcard", arn(`iam::${OWN}:user/*`), PRINCIPAL],
    ["some users by a wildcard", arn(`iam::${OWN}:user/al?ce`), PRINCIPAL],
    ["a wildcard in the path", arn(`iam::${OWN}:role/*/Builder`), PRINCIPAL],
    ["a wildcard as the session", arn(`sts::${OWN}:assumed-role/Builder/*`), PRINCIPAL],
    ["a wildcard as the account", arn("iam::*:root"), PRINCIPAL],
    ["a role without a name", arn(`iam::${OWN}:role/`), PRINCIPAL],
    ["a session without a name", arn(`sts::${OWN}:assumed-role/Builder`), PRINCIPAL],
    ["a user's name with a sign that no name has", arn(`iam::${OWN}:user/staff/al!ce`), PRINCIPAL],
    ["a session of such a role", arn(`sts::${OWN}:assumed-role/Bu!lder/build-1`), PRINCIPAL],
    ["a session with such a name", arn(`sts::${OWN}:assumed-role/Builder/build!1`), PRINCIPAL],
    ["a session with a path", arn(`sts::${OWN}:assumed-role/teams/Builder/build-1`), PRINCIPAL],
    ["the root user of STS", arn(`sts::${OWN}:root`), PRINCIPAL],
    ["a role of STS", arn(`sts::${OWN}:role/Builder`), PRINCIPAL],
    ["an ARN with a Region", arn(`iam:us-east-1:${OWN}:root`), PRINCIPAL],
    ["an ARN without its service", arn(`::${OWN}:root`), PRINCIPAL],
    ["a federated user with a path", arn(`sts::${OWN}:federated-user/staff/Frida`), PRINCIPAL],
    ["a session of a role with a path", arn(`sts::${OWN}:assumed-role/staff/Builder/build-1`), PRINCIPAL],
    ["a user without a name", arn(`iam::${OWN}:user`), PRINCIPAL],
    ["an unknown partition", { AWS: `arn:aws-moon:iam::${OWN}:root` }, PRINCIPAL],
    ["a service that is no name", { Service: "*" }, PRINCIPAL],
  ])("%s", (_, principal, expected) => expect(outcome(named(principal))).toBe(expected));

  test("everyone is listed as anyone, and a provider by its ARN or its name", () => {
    const named = (Principal: unknown, kind: PolicyKind) => {
      const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRoleWithWebIdentity", ...(kind === "key" && { Resource: "*" }) };
      return principalsOf(parsePolicy(document([statement]), kind));
    };
    const saml = `arn:aws:iam::${OWN}:saml-provider/Corp`;
    expect(named("*", "key")).toStrictEqual([{ form: "anyone", text: "*" }]);
    expect(named({ Federated: [saml, "accounts.google.com"] }, "trust")).toStrictEqual([
      { form: "provider", text: saml, account: OWN, name: "Corp" },
      { form: "provider", text: "accounts.google.com", name: "accounts.google.com" },
    ]);
  });

  test("everybody whom a policy names is listed once, with its form, account and name", () => {
    const { alice, account, Builder } = PRINCIPALS;
    const session = PRINCIPALS["build-1"];
    const policy = parsePolicy(
      document([
        DELEGATES,
        allow("kms:*", ["alice", "bob", "Builder", "build-1", "account id", "everyone"]),
        allow("kms:*", undefined, { Principal: { Service: "ec2.amazonaws.com", AWS: alice } }),
        allow("kms:*", undefined, { Principal: undefined, NotPrincipal: { AWS: `arn:aws:sts::${OWN}:federated-user/Frida` } }),
      ]),
      "key",
    );
    expect(principalsOf(policy)).toEqual([
      { form: "account", text: account, account: OWN },
      { form: "user", text: alice, account: OWN, name: "alice" },
      { form: "user", text: PRINCIPALS.bob, account: OWN, name: "bob" },
      { form: "role", text: Builder, account: OWN, name: "Builder" },
      { form: "session", text: session, account: OWN, name: "Builder" },
      { form: "account", text: OWN, account: OWN },
      { form: "anyone", text: "*" },
      { form: "service", text: "ec2.amazonaws.com", name: "ec2.amazonaws.com" },
      { form: "federated-user", text: `arn:aws:sts::${OWN}:federated-user/Frida`, account: OWN, name: "Frida" },
    ]);
  });
});

describe("size and hostile texts", () => {
  const padded = (length: number) => {
    const short = document([{ ...DELEGATES, Sid: "" }]);
    return short.replace('"Sid":""', `"Sid":"${"x".repeat(length - short.length)}"`);
  };

  test("a key policy may have 32,768 bytes and no more", () => {
    expect(outcome(padded(32_768))).toBe("accepted");
    expect(outcome(padded(32_769))).toMatch(/^LimitExceededException: /);
    expect(outcome(padded(32_768).replace("x", "é"))).toMatch(/^LimitExceededException: /);
  });

  test("deep nesting is malformed, however deep", () => {
    for (const depth of [11, 10_000, 32_000]) expect(outcome("[".repeat(depth))).toBe(SYNTAX);
    expect(outcome(`{"Statement":${"[".repeat(8)}${"]".repeat(8)}}`)).toBe(SYNTAX);
    expect(outcome('{"a":'.repeat(6000))).toBe(SYNTAX);
  });

  test("any text is a policy or a Fault", () => {
    const kind = fc.constantFrom<PolicyKind>("key", "identity");
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.json()), kind, (given, which) => void outcome(given, which)),
      { numRuns: 2000 },
    );
  });

  test("a policy with anything in the place of anything is a policy or a Fault", () => {
    const anything = fc.anything({ withNullPrototype: false, withBigInt: false, maxDepth: 3 });
    const element = fc.constantFrom(
      "Sid",
      "Effect",
      "Principal",
      "NotPrincipal",
      "Action",
      "NotAction",
      "Resource",
      "NotResource",
      "Condition",
      "Odd",
    );
    fc.assert(
      fc.property(element, anything, (name, value) => void outcome(one({ [name]: value }))),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(anything, (value) => void outcome(named({ AWS: value }))),
      { numRuns: 1000 },
    );
  });

  test("a text with a piece cut out or changed is a policy or a Fault", () => {
    const whole = document([{ ...DELEGATES, Sid: 'Enable \\u00e9 "all"' }, allow("kms:*", ["alice", "bob"], CONDITION)]);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(12), fc.string({ maxLength: 3 }), (at, cut, put) => {
        outcome(whole.slice(0, at) + put + whole.slice(at + cut));
      }),
      { numRuns: 2000 },
    );
  });
});
