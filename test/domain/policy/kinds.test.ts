/** What documents of each kind may say, beyond the grammar that they share. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "#domain/fault";
import type { PolicyKind } from "#domain/policy/dialect";
import { type Limits, parsePolicy, readPolicy } from "#domain/policy/document";
import { ADMIN, allow, document, type Element, OWN, PRINCIPALS } from "./cast.ts";

/** The refusal as `name: text`, or "accepted". */
function outcome(text: string, kind: PolicyKind, limits?: Limits): string {
  try {
    parsePolicy(text, kind, limits);
    return "accepted";
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

const malformed = (text: string) => `MalformedPolicyDocumentException: ${text}`;
const SYNTAX = malformed("Syntax errors in policy.");
const PRINCIPAL = malformed("Policy contains a statement with one or more invalid principals.");
const NOT_HERE = malformed("Policy document should not specify a principal.");
const NOBODY = malformed("Policy contains a statement with no principal.");
const SID = malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
const TRUST: Element = { Effect: "Allow", Principal: { AWS: OWN }, Action: "sts:AssumeRole" };
const trust = (more: Element) => document([{ ...TRUST, ...more }]);
const provider = (name: string) => trust({ Principal: { Federated: name } });
const plain = (more: Element) => document([{ ...ADMIN, ...more }]);

// biome-ignore format: one row a line
test.each<[string, PolicyKind, string, string]>([
  ["the trust of a role names who may assume it", "trust", document([TRUST]), "accepted"],
  ["… and nobody else says so", "trust", trust({ Principal: undefined }), NOBODY],
  ["… or who may not", "trust", trust({ Principal: undefined, NotPrincipal: { AWS: PRINCIPALS.bob } }), "accepted"],
  ["… without a resource, for it is the role's", "trust", trust({ Resource: "*" }), malformed("Has prohibited field Resource")],
  ["… in either form", "trust", trust({ NotResource: "*" }), malformed("Has prohibited field Resource")],
  ["… services", "trust", trust({ Principal: { Service: "lambda.amazonaws.com" } }), "accepted"],
  ["… an OpenID Connect provider by its ARN", "trust", provider(`arn:aws:iam::${OWN}:oidc-provider/token.actions.githubusercontent.com`), "accepted"],
  ["… with a path", "trust", provider(`arn:aws:iam::${OWN}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE`), "accepted"],
  ["… a SAML provider", "trust", provider(`arn:aws:iam::${OWN}:saml-provider/Corp`), "accepted"],
  ["… a provider by its name", "trust", provider("accounts.google.com"), "accepted"],
  ["… not any", "trust", provider("*"), PRINCIPAL],
  ["… nor some", "trust", provider(`arn:aws:iam::${OWN}:oidc-provider/*`), PRINCIPAL],
  ["… nor one without a name", "trust", provider(`arn:aws:iam::${OWN}:oidc-provider/`), PRINCIPAL],
  ["… nor a user as a provider", "trust", provider(PRINCIPALS.bob), PRINCIPAL],
  ["… nor a provider behind other text", "trust", provider(`x arn:aws:iam::${OWN}:saml-provider/Corp`), PRINCIPAL],
  ["… nor a canonical user", "trust", trust({ Principal: { CanonicalUser: "79a59df900b949e55d96a1e698fbaced" } }), PRINCIPAL],
  ["… nor a provider under another name of its sort", "trust", trust({ Principal: { Provider: "accounts.google.com" } }), PRINCIPAL],
  ["… a Sid has no spaces", "trust", trust({ Sid: "a b" }), SID],
  ["a key's policy names no provider", "key", document([allow("kms:*", undefined, { Principal: { Federated: "accounts.google.com" } })]), PRINCIPAL],
  ["a session's policy is like an identity's", "session", document([ADMIN]), "accepted"],
  ["… without a principal", "session", plain({ Principal: "*" }), NOT_HERE],
  ["… nor who is not", "session", plain({ NotPrincipal: "*" }), NOT_HERE],
  ["… with a resource", "session", plain({ Resource: undefined }), malformed("Policy statement must contain resources.")],
  ["… whose Sid has no spaces", "session", plain({ Sid: "a b" }), SID],
  ["an identity's names no principal", "identity", plain({ Principal: { AWS: OWN } }), NOT_HERE],
  ["a service control policy names nobody", "guard-rail", document([ADMIN]), "accepted"],
  ["a resource control policy names everyone", "guard-rail", plain({ Effect: "Deny", Principal: "*" }), "accepted"],
  ["… in that form only", "guard-rail", plain({ Principal: { AWS: "*" } }), SYNTAX],
  ["… nobody in particular", "guard-rail", plain({ Principal: { AWS: OWN } }), SYNTAX],
  ["… nor all but somebody", "guard-rail", plain({ NotPrincipal: "*" }), SYNTAX],
  ["… with NotAction and NotResource", "guard-rail", document([{ Effect: "Deny", NotAction: "iam:*", NotResource: "arn:aws:kms:*:*:key/x" }]), "accepted"],
  ["… whose Sid has no spaces", "guard-rail", plain({ Sid: "a b" }), SID],
])("%s (%s)", (_, kind, text, expected) => expect(outcome(text, kind)).toBe(expected));

describe("size", () => {
  const padded = (length: number, statement: Element = ADMIN) => {
    const short = document([{ ...statement, Sid: "" }]);
    return short.replace('"Sid":""', `"Sid":"${"x".repeat(length - short.length)}"`);
  };
  const large = (most: number, unit = "characters") => `LimitExceededException: The policy is larger than ${most} ${unit}.`;

  // biome-ignore format: one row a line
  test.each<[string, string, PolicyKind, Limits | undefined, string]>([
    ["a session's policy: \"2,048 characters\"", padded(2048), "session", undefined, "accepted"],
    ["… and no more", padded(2049), "session", undefined, large(2048)],
    ["… where white space counts", `${padded(2048)} `, "session", undefined, large(2048)],
    ["a guard-rail", padded(10_240), "guard-rail", undefined, "accepted"],
    ["… and no more", padded(10_241), "guard-rail", undefined, large(10_240)],
    ["an identity's, by what the API takes", padded(131_072), "identity", undefined, "accepted"],
    ["… and no more", padded(131_073), "identity", undefined, large(131_072)],
    ["… nor white space beyond that", `${padded(1000)}${" ".repeat(131_072)}`, "identity", undefined, large(131_072)],
    ["a managed policy's 6,144", padded(6144), "identity", { largest: 6144 }, "accepted"],
    ["… and no more", padded(6145), "identity", { largest: 6144 }, large(6144)],
    ["… \"IAM doesn't count white space\"", ` \n\t${padded(6144)}\r\n `, "identity", { largest: 6144 }, "accepted"],
    ["a trust policy's 2,048", `${padded(2048, TRUST)} `, "trust", { largest: 2048 }, "accepted"],
    ["… and no more", padded(2049, TRUST), "trust", { largest: 2048 }, large(2048)],
    ["a key's policy counts bytes", padded(32_769, allow("kms:*", "alice")), "key", undefined, large(32_768, "bytes")],
  ])("%s", (_, text, kind, limits, expected) => expect(outcome(text, kind, limits)).toBe(expected));
});

test("which keys mean something can be said for one document", () => {
  const statement = { ...ADMIN, Condition: { StringEquals: { "issuer.example:sub": "x" } } };
  const judged = (policy: ReturnType<typeof readPolicy>) => policy.statements[0]?.tests[0]?.holds(() => "x");
  const knows = (key: string) => key === "issuer.example:sub";
  expect(judged(readPolicy(document([statement]), "identity"))).toBe("unknown");
  expect(judged(readPolicy(document([statement]), "identity", knows))).toBe("yes");
  expect(judged(parsePolicy(document([statement]), "session", { knows }))).toBe("yes");
  const trusting = { ...TRUST, Condition: statement.Condition };
  expect(judged(readPolicy(document([trusting]), "trust"))).toBe("yes");
});

test("any JSON at all is a policy of its kind or a Fault", () => {
  const kind = fc.constantFrom<PolicyKind>("key", "identity", "session", "trust", "guard-rail");
  const element = fc.constantFrom("Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "NotResource", "Condition");
  const operator = fc.constantFrom("StringLike", "ArnLike", "DateLessThan", "IpAddress", "Null", "Bool", "NumericEquals", "BinaryEquals");
  const value = fc.oneof(fc.string({ unit: fc.constantFrom("$", ..."{}*?:',/. a1-") }), fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(kind, element, fc.jsonValue(), (which, name, given) => void outcome(plain({ [name]: given }), which)),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(kind, operator, fc.string(), value, (which, name, key, given) => {
      outcome(plain({ Condition: { [name]: { [key]: given } } }), which);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(kind, value, (which, given) => void outcome(plain({ Resource: `arn:aws:kms:::${JSON.stringify(given)}` }), which)),
    { numRuns: 1000 },
  );
});
