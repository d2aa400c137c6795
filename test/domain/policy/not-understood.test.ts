/** A condition key that means nothing here refuses in a Deny and allows nothing in an Allow, whatever else allows. */
import { expect, test } from "vitest";
import { readPolicy } from "#domain/policy/document";
import { evaluate } from "#domain/policy/evaluate";
import { ADMIN, allow, type Case, CONDITION, DELEGATES, deny, document, KEY, outcome, requestOf, UNHEARD } from "./cast.ts";

const unheard = (operator: string, value: string) => ({ Condition: { [operator]: { "kms:Unheard": value } } });
/** A resource that cannot be told, beside a condition that can. */
const ODD = { Resource: `arn:aws:kms:*:*:key/\${aws:Unheard}` };
const SECURE = { "aws:SecureTransport": "true" };
const both = { Condition: { ...UNHEARD.Condition, ...CONDITION.Condition } };

// biome-ignore format: one row a line
test.each<Case>([
  ["an Allow allows nobody", { key: [allow("kms:*", "alice", UNHEARD)] }, "deny resource implicit"],
  ["… and takes nothing away", { key: [allow("kms:*", "alice", UNHEARD), DELEGATES] }, "allow attached 1"],
  ["… in an identity policy", { identity: [allow("kms:*", undefined, UNHEARD)] }, "deny identity implicit"],
  ["… in a boundary", { boundary: [allow("kms:*", undefined, UNHEARD)] }, "deny boundary implicit"],
  ["… in a session policy", { caller: "build", session: [[allow("kms:*", undefined, UNHEARD)]] }, "deny session implicit"],
  ["… in a service control policy", { service: [[allow("kms:*", undefined, UNHEARD)]] }, "deny service-control implicit"],
  ["… nor where the resource is what cannot be told, though the condition holds", { identity: [allow("kms:*", undefined, { ...ODD, ...CONDITION })], says: SECURE }, "deny identity implicit"],
  ["a Deny refuses", { key: [DELEGATES, deny("kms:*", "alice", UNHEARD)] }, "deny resource not-understood default 2"],
  ["… on an account all in it", { key: [DELEGATES, deny("kms:*", "account", UNHEARD)] }, "deny resource not-understood default 2"],
  ["… the root user too", { caller: "root", key: [DELEGATES, deny("kms:*", "everyone", UNHEARD)] }, "deny resource not-understood default 2"],
  ["… in an identity policy", { key: [allow("kms:*", "alice")], identity: [deny("kms:*", undefined, UNHEARD)] }, "deny identity not-understood attached 1"],
  ["… in a boundary", { boundary: [ADMIN, deny("kms:*", undefined, UNHEARD)] }, "deny boundary not-understood boundary 2"],
  ["… in a session policy", { caller: "build", session: [[ADMIN, deny("kms:*", undefined, UNHEARD)]] }, "deny session not-understood session 1 2"],
  ["… in a service control policy", { service: [[ADMIN, deny("kms:*", undefined, UNHEARD)]] }, "deny service-control not-understood scp 1 2"],
  ["… in a resource control policy", { resource: [[deny("kms:*", undefined, UNHEARD)]] }, "deny resource-control not-understood rcp 1 1"],
  ["… without a key policy", { key: null, action: "kms:ListKeys", on: "*", identity: [ADMIN, deny("*", undefined, UNHEARD)] }, "deny identity not-understood attached 2"],
  ["… beside a grant", { key: [deny("kms:*", "alice", UNHEARD)], grants: ["arn:aws:iam::111122223333:user/alice"] }, "deny resource not-understood default 1"],
  ["… of which only the resource cannot be told, though the condition holds", { identity: [ADMIN, deny("kms:*", undefined, { ...ODD, ...CONDITION })], says: SECURE }, "deny identity not-understood attached 2"],
  ["… and not if the condition does not hold", { identity: [ADMIN, deny("kms:*", undefined, { ...ODD, ...CONDITION })] }, "allow attached 1"],
  ["it leaves other actions alone", { key: [DELEGATES, deny("kms:Decrypt", "alice", UNHEARD)] }, "allow attached 1"],
  ["it leaves other callers alone", { key: [DELEGATES, deny("kms:*", "bob", UNHEARD)] }, "allow attached 1"],
  ["it leaves other keys alone", { identity: [ADMIN, deny("kms:*", undefined, { ...UNHEARD, Resource: `${KEY}0` })] }, "allow attached 1"],
  ["it leaves requests alone for which another condition fails", { key: [DELEGATES, deny("kms:*", "alice", both)] }, "allow attached 1"],
  ["… and not those for which it holds", { key: [DELEGATES, deny("kms:*", "alice", both)], says: { "aws:SecureTransport": "true" } }, "deny resource not-understood default 2"],
  ["a Deny that is understood is named before one that is not", { key: [deny("kms:*", "alice", UNHEARD), deny("kms:*", "alice")] }, "deny resource explicit-deny default 2"],
  ["… from any other side too", { key: [deny("kms:*", "alice", UNHEARD)], identity: [deny("kms:*")] }, "deny identity explicit-deny attached 1"],
  ["a negated operator cannot be judged either", { key: [DELEGATES, deny("kms:*", "alice", unheard("StringNotEquals", "x"))] }, "deny resource not-understood default 2"],
  ["… nor one with IfExists", { key: [DELEGATES, deny("kms:*", "alice", unheard("StringEqualsIfExists", "x"))] }, "deny resource not-understood default 2"],
  ["… nor one for all values, which in an Allow allows nothing", { key: [allow("kms:*", "alice", unheard("ForAllValues:StringEquals", "x"))] }, "deny resource implicit"],
  ["… nor Null", { key: [allow("kms:*", "alice", unheard("Null", "true"))] }, "deny resource implicit"],
  ["… in a Deny", { key: [DELEGATES, deny("kms:*", "alice", unheard("Null", "false"))] }, "deny resource not-understood default 2"],
  ["what the request says does not matter", { key: [allow("kms:*", "alice", UNHEARD)], says: { "kms:Unheard": "of" } }, "deny resource implicit"],
])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));

test("the decision says what was not understood, for the operator's log", () => {
  const statement = deny("kms:*", undefined, {
    Sid: "Odd",
    Resource: [`arn:aws:kms:*:*:key/\${aws:Unheard}`],
    Condition: { StringLike: { "kms:Unheard": "*", "kms:ViaService": "*" }, Bool: { "aws:SecureTransport": "true" } },
  });
  const says = { "aws:SecureTransport": "perhaps", "kms:ViaService": "s3" };
  expect(evaluate(requestOf({ identity: [ADMIN, statement], says }))).toEqual({
    allowed: false,
    because: "not-understood",
    side: "identity",
    by: {
      side: "identity",
      policy: "attached",
      statement: 2,
      sid: "Odd",
      notUnderstood: ["Resource", "Condition StringLike kms:Unheard", "Condition Bool aws:SecureTransport"],
    },
  });
});

test("of a statement whose resource is plain, the log names the condition alone", () => {
  expect(evaluate(requestOf({ key: [DELEGATES, deny("kms:*", "alice", UNHEARD)] }))).toStrictEqual({
    allowed: false,
    because: "not-understood",
    side: "resource",
    by: { side: "resource", policy: "default", statement: 2, notUnderstood: ["Condition StringEquals kms:Unheard"] },
  });
});

test("more than 8,192 characters under one key cannot be judged, in one value or in several", () => {
  const held = (operator: string, key: string, found: string | readonly string[]) =>
    outcome({ identity: [ADMIN, deny("kms:*", undefined, { Condition: { [operator]: { [key]: "*x" } } })], says: { [key]: found } });
  const [judged, not] = ["deny identity explicit-deny attached 2", "deny identity not-understood attached 2"];
  expect(held("StringLike", "aws:UserAgent", "x".repeat(8192))).toBe(judged);
  expect(held("StringLike", "aws:UserAgent", "x".repeat(8193))).toBe(not);
  expect(held("ForAnyValue:StringLike", "aws:TagKeys", ["y".repeat(4096), "x".repeat(4096)])).toBe(judged);
  expect(held("ForAnyValue:StringLike", "aws:TagKeys", ["y".repeat(4096), "x".repeat(4097)])).toBe(not);
  expect(held("ForAnyValue:StringLike", "aws:TagKeys", ["x".repeat(8193)])).toBe(not);
});

test("in the trust of a role, what an issuer says is understood, and not any other key", () => {
  const assumed = (key: string) => {
    const Condition = { StringEquals: { [key]: "x" } };
    const statement = { Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:AssumeRole", Condition };
    const keyPolicy = readPolicy(document([statement]), "trust");
    return outcome({ action: "sts:AssumeRole", says: { [key]: "x" }, more: { keyPolicy } });
  };
  expect(assumed("token.actions.githubusercontent.com:sub")).toBe("deny resource explicit-deny default 1");
  expect(assumed("kms:Unheard")).toBe("deny resource not-understood default 1");
});
