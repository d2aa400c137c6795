/** What a decision says, whole: the operator's log has nothing else. */
import { expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { type Decision, evaluate } from "#domain/policy/evaluate";
import { allow, CALLERS, deny, document, OTHER, PRINCIPALS, requestOf, type Scene } from "./cast.ts";

const NAMED = { Sid: "Named" };

test.each<[string, Scene, Decision]>([
  ["the key policy", { key: [allow("kms:*", "alice")] }, { allowed: true, by: { side: "resource", policy: "default", statement: 1 } }],
  [
    "… by its statement's Sid",
    { key: [allow("kms:*", "alice", NAMED)] },
    { allowed: true, by: { side: "resource", policy: "default", statement: 1, sid: "Named" } },
  ],
  ["an identity policy", {}, { allowed: true, by: { side: "identity", policy: "attached", statement: 1 } }],
  ["the root user's own right", { caller: "root", key: null }, { allowed: true, by: { side: "identity", policy: "root" } }],
  ["a grant", { key: [allow("kms:*", "bob")], grants: [PRINCIPALS.alice] }, { allowed: true, by: { side: "grant", policy: "grant 1" } }],
  [
    "a Deny",
    { identity: [deny("kms:*", undefined, NAMED)] },
    {
      allowed: false,
      because: "explicit-deny",
      side: "identity",
      by: { side: "identity", policy: "attached", statement: 1, sid: "Named" },
    },
  ],
  ["nothing", { identity: [] }, { allowed: false, because: "implicit", side: "identity" }],
])("by %s", (_, scene, decision) => expect(evaluate(requestOf(scene))).toStrictEqual(decision));

test("an identity provider belongs to no account, and is named by the trust of a role", () => {
  const statement = { Effect: "Allow", Principal: { Federated: CALLERS.github.arn }, Action: "sts:AssumeRoleWithWebIdentity" };
  const keyPolicy = compilePolicy(document([statement]), "trust");
  const caller = { ...CALLERS.github, account: OTHER };
  const request = requestOf({ action: "sts:AssumeRoleWithWebIdentity", identity: [], more: { keyPolicy, caller } });
  expect(evaluate(request)).toStrictEqual({ allowed: true, by: { side: "resource", policy: "default", statement: 1 } });
});
