/** What this version cannot judge refuses: a call that such a statement could speak of is never allowed, whatever else allows it. */
import { expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { evaluate } from "#domain/policy/evaluate";
import {
  ADMIN,
  allow,
  CALLERS,
  CONDITION,
  DELEGATES,
  decide,
  deny,
  document,
  identityPolicy,
  KEY,
  keyPolicy,
  OWN,
  PRINCIPALS,
  type Row,
  spell,
} from "./cast.ts";

const notBob = { Principal: undefined, NotPrincipal: { AWS: PRINCIPALS.bob } };
const variable = `arn:aws:kms:*:${OWN}:key/$\{aws:username}`;

// biome-ignore format: one row a line
const ROWS: readonly Row[] = [
  ["a conditional Allow allows nobody", [allow("kms:Sign", "alice", CONDITION)], [], "alice", "kms:Sign", "deny resource not-understood default 1"],
  ["… also where another statement allows", [allow("kms:*", "alice"), allow("kms:Sign", "alice", CONDITION)], [], "alice", "kms:Sign", "deny resource not-understood default 2"],
  ["… also for the root user", [DELEGATES, allow("kms:Sign", "everyone", CONDITION)], [], "root", "kms:Sign", "deny resource not-understood default 2"],
  ["a conditional Deny refuses", [DELEGATES, deny("kms:Sign", "alice", CONDITION)], [ADMIN], "alice", "kms:Sign", "deny resource not-understood default 2"],
  ["a conditional Deny on the account refuses all in it", [allow("kms:*", "alice"), deny("kms:Sign", "account", CONDITION)], [], "alice", "kms:Sign", "deny resource not-understood default 2"],
  ["it leaves other actions alone", [DELEGATES, allow("kms:CreateGrant", "alice", CONDITION)], [ADMIN], "alice", "kms:Sign", "allow attached 1"],
  ["it leaves other callers alone", [DELEGATES, allow("kms:Sign", "bob", CONDITION)], [ADMIN], "alice", "kms:Sign", "allow attached 1"],
  ["it leaves other keys alone", [DELEGATES], [ADMIN, allow("kms:Sign", undefined, { ...CONDITION, Resource: `${KEY}0` })], "alice", "kms:Sign", "allow attached 1"],
  ["a Deny that is understood is named before one that is not", [deny("kms:*", "alice", CONDITION), deny("kms:Sign", "alice")], [], "alice", "kms:Sign", "deny resource explicit-deny default 2"],
  ["… from the other side too", [deny("kms:*", "alice", CONDITION)], [deny("kms:Sign")], "alice", "kms:Sign", "deny identity explicit-deny attached 1"],
  ["an empty Condition is none", [allow("kms:Sign", "alice", { Condition: {} })], [], "alice", "kms:Sign", "allow default 1"],
  ["a conditional identity Allow allows nobody", [DELEGATES], [allow("kms:Sign", undefined, CONDITION)], "alice", "kms:Sign", "deny identity not-understood attached 1"],
  ["… also where the key policy allows directly", [allow("kms:*", "alice")], [allow("kms:Sign", undefined, CONDITION)], "alice", "kms:Sign", "deny identity not-understood attached 1"],
  ["a conditional identity Deny refuses", [DELEGATES], [ADMIN, deny("kms:*", undefined, CONDITION)], "alice", "kms:Sign", "deny identity not-understood attached 2"],
  ["… also without a key policy", null, [ADMIN, deny("kms:*", undefined, CONDITION)], "alice", "kms:ListKeys", "deny identity not-understood attached 2", "*"],
  ["NotPrincipal with Deny refuses whoever is not named", [DELEGATES, deny("kms:Sign", undefined, notBob)], [ADMIN], "alice", "kms:Sign", "deny resource not-understood default 2"],
  ["… and, until it is understood, whoever is", [DELEGATES, deny("kms:Sign", undefined, notBob)], [ADMIN], "bob", "kms:Sign", "deny resource not-understood default 2"],
  ["NotPrincipal with Allow allows nobody", [allow("kms:Sign", undefined, notBob)], [ADMIN], "alice", "kms:Sign", "deny resource not-understood default 1"],
  ["… nor anybody across accounts", [allow("kms:Sign", undefined, notBob)], [ADMIN], "eve", "kms:Sign", "deny resource not-understood default 1"],
  ["a policy variable in Resource allows nobody", [DELEGATES], [allow("kms:Sign", undefined, { Resource: variable })], "alice", "kms:Sign", "deny identity not-understood attached 1"],
  ["a policy variable in NotResource refuses", [DELEGATES], [ADMIN, deny("kms:Sign", undefined, { Resource: undefined, NotResource: variable })], "alice", "kms:Sign", "deny identity not-understood attached 2"],
];

for (const row of ROWS) test(row[0], () => expect(spell(decide(row))).toBe(row[5]));

test("the decision says what was not understood, for the operator's log", () => {
  const keyed = keyPolicy(allow("kms:Sign", undefined, { ...notBob, ...CONDITION, Sid: "Odd" }));
  const attached = identityPolicy(allow("kms:Sign", undefined, { Resource: variable }));
  const asked = { context: () => undefined, action: "kms:Sign", resource: KEY, resourceAccount: OWN, caller: CALLERS.alice };
  expect(evaluate({ ...asked, keyPolicy: keyed, identityPolicies: [] })).toMatchObject({
    by: { side: "resource", policy: "default", statement: 1, sid: "Odd", notUnderstood: ["NotPrincipal", "Condition"] },
  });
  expect(evaluate({ ...asked, keyPolicy: keyPolicy(DELEGATES), identityPolicies: [{ name: "attached", policy: attached }] })).toMatchObject(
    {
      by: { side: "identity", policy: "attached", statement: 1, notUnderstood: ["policy variable"] },
    },
  );
});

// IAM User Guide, "Policy variables": "must include the Version element and the version must be set to 2012-10-17, or the variable is treated as a literal string".
test("in version 2008-10-17 a policy variable is just text", () => {
  const policy = compilePolicy(
    document([allow("kms:Sign", undefined, { Resource: variable }), allow("kms:Verify")], "2008-10-17"),
    "identity",
  );
  const asked = {
    context: () => undefined,
    resourceAccount: OWN,
    caller: CALLERS.alice,
    keyPolicy: keyPolicy(DELEGATES),
    identityPolicies: [{ name: "old", policy }],
  };
  expect(spell(evaluate({ ...asked, action: "kms:Sign", resource: KEY }))).toBe("deny identity implicit");
  expect(spell(evaluate({ ...asked, action: "kms:Verify", resource: KEY }))).toBe("allow old 2");
});
