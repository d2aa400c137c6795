/** Session policies and permissions boundaries: what limits whom, by the name that the key policy gives. */
import { describe, expect, test } from "vitest";
import { ADMIN, allow, type Case, CONDITION, deny, type Element, outcome } from "./cast.ts";

const NOTHING: readonly Element[] = [allow("s3:*")];
const ENCRYPT: readonly Element[] = [allow("kms:Encrypt")];
const NO_SESSION = [NOTHING];
const nobody = { identity: [] } as const;

// IAM User Guide, "Policy evaluation logic", "Resource-based policies and implicit denies in other policy types (same account)".
describe("a key policy that names a role, a session, a user or a federated user", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"permissions to an IAM role ARN are limited by an implicit deny in a … session policy\"", { ...nobody, caller: "build", key: [allow("kms:*", "Builder")], session: NO_SESSION }, "deny session implicit"],
    ["\"… in a permissions boundary\"", { ...nobody, caller: "build", key: [allow("kms:*", "Builder")], boundary: NOTHING }, "deny boundary implicit"],
    ["… within both it is allowed, without an identity policy", { ...nobody, caller: "build", key: [allow("kms:*", "Builder")], session: [ENCRYPT], boundary: ENCRYPT }, "allow default 1"],
    ["\"Permissions granted directly to a session are not limited by an implicit deny in … session policy\"", { ...nobody, caller: "build", key: [allow("kms:*", "build-1")], session: NO_SESSION }, "allow default 1"],
    ["\"… in a permissions boundary\" (session)", { ...nobody, caller: "build", key: [allow("kms:*", "build-1")], boundary: NOTHING }, "allow default 1"],
    ["the session's own name counts before its role's", { ...nobody, caller: "build", key: [allow("kms:*", "Builder"), allow("kms:*", "build-1")], session: NO_SESSION }, "allow default 2"],
    ["… in either order", { ...nobody, caller: "build", key: [allow("kms:*", "build-1"), allow("kms:*", "Builder")], session: NO_SESSION }, "allow default 1"],
    ["… and its role's before the account", { caller: "build", key: [allow("kms:*", "account"), allow("kms:*", "Builder")], identity: NOTHING }, "allow default 2"],
    ["\"permissions to an IAM user ARN … are not limited by an implicit deny in an identity-based policy or permissions boundary\"", { ...nobody, key: [allow("kms:*", "alice")], boundary: NOTHING }, "allow default 1"],
    ["\"permissions to a federated user ARN grant permissions directly to the session\"", { ...nobody, caller: "frida", key: [allow("kms:*", "Frida")], session: [], boundary: NOTHING }, "allow default 1"],
    ["\"the ARN of the IAM user who federated … limited by an implicit deny in a … session policy\"", { ...nobody, caller: "frida", key: [allow("kms:*", "alice")], session: NO_SESSION }, "deny session implicit"],
    ["… \"in a permission boundary\"", { ...nobody, caller: "frida", key: [allow("kms:*", "alice")], session: [ENCRYPT], boundary: NOTHING }, "deny boundary implicit"],
    ["… within both it is allowed", { ...nobody, caller: "frida", key: [allow("kms:*", "alice")], session: [ENCRYPT], boundary: ENCRYPT }, "allow default 1"],
    ["* needs no identity policy: \"For IAM users and role principals within your account, no other permissions are required\"", { ...nobody, caller: "build", key: [allow("kms:*", "everyone")] }, "allow default 1"],
    ["… but frees no session from its bounds, for it names nobody", { ...nobody, caller: "build", key: [allow("kms:*", "everyone")], session: NO_SESSION, boundary: NOTHING }, "deny boundary implicit"],
    ["… nor from its session policy", { ...nobody, caller: "build", key: [allow("kms:*", "everyone")], session: NO_SESSION }, "deny session implicit"],
    ["a name that the request does not satisfy does not count", { ...nobody, caller: "build", key: [allow("kms:*", "Builder"), allow("kms:*", "build-1", CONDITION)], session: NO_SESSION }, "deny session implicit"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

// "If a permissions boundary, Organizations SCP, or session policy is present, it might override the allow with an implicit deny."
describe("a key policy that names the account", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"the intersection of the IAM entity's identity-based policy and the session policies\"", { caller: "build", session: [ENCRYPT] }, "allow attached 1"],
    ["… which does not allow", { caller: "build", session: NO_SESSION }, "deny session implicit"],
    ["… or is empty", { caller: "build", session: [] }, "deny session implicit"],
    ["one of several session policies is enough", { caller: "build", session: [NOTHING, ENCRYPT] }, "allow attached 1"],
    ["… two are no more than each", { caller: "build", session: [NOTHING, NOTHING] }, "deny session implicit"],
    ["a session policy alone allows nothing", { ...nobody, caller: "build", session: [[ADMIN]] }, "deny identity implicit"],
    ["\"only the actions that are allowed by both its identity-based policies and its permissions boundaries\"", { boundary: ENCRYPT }, "allow attached 1"],
    ["… which does not allow", { boundary: NOTHING }, "deny boundary implicit"],
    ["a boundary alone allows nothing", { ...nobody, boundary: [ADMIN] }, "deny identity implicit"],
    ["all three must allow", { caller: "build", session: [ENCRYPT], boundary: ENCRYPT }, "allow attached 1"],
    ["… the boundary is asked before the session", { caller: "build", session: NO_SESSION, boundary: NOTHING }, "deny boundary implicit"],
    ["a federated user without session policies has no right of the user's", { caller: "frida", session: [] }, "deny session implicit"],
    ["… with one, their intersection", { caller: "frida", session: [ENCRYPT] }, "allow attached 1"],
    ["a boundary's conditions count", { boundary: [allow("kms:*", undefined, CONDITION)] }, "deny boundary implicit"],
    ["… when they hold", { boundary: [allow("kms:*", undefined, CONDITION)], says: { "aws:SecureTransport": "true" } }, "allow attached 1"],
    ["a session policy's conditions count", { caller: "build", session: [[allow("kms:*", undefined, CONDITION)]] }, "deny session implicit"],
    ["without a key policy they limit too: the boundary", { key: null, action: "kms:ListKeys", on: "*", boundary: NOTHING }, "deny boundary implicit"],
    ["… the session", { key: null, caller: "build", action: "kms:ListKeys", on: "*", session: NO_SESSION }, "deny session implicit"],
    ["… and within them it is allowed", { key: null, caller: "build", action: "kms:ListKeys", on: "*", session: [[allow("kms:List*")]] }, "allow attached 1"],
    ["across accounts, naming the session does not help: the session policy limits", { caller: "otherBuild", key: [allow("kms:*", "other build-1")], session: NO_SESSION }, "deny session implicit"],
    ["… nor the user: the boundary limits", { caller: "eve", key: [allow("kms:*", "eve")], boundary: NOTHING }, "deny boundary implicit"],
    ["… nor does the session's name replace an identity policy", { ...nobody, caller: "otherBuild", key: [allow("kms:*", "other build-1")] }, "deny identity implicit"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

// "An explicit deny in any of these policies overrides the allow."
describe("an explicit deny", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["in the session policy", { caller: "build", session: [[ADMIN, deny("kms:Encrypt")]] }, "deny session explicit-deny session 1 2"],
    ["… in the second one", { caller: "build", session: [[ADMIN], [deny("kms:Encrypt")]] }, "deny session explicit-deny session 2 1"],
    ["… also for a session that is named directly", { caller: "build", key: [allow("kms:*", "build-1")], session: [[deny("kms:*")]] }, "deny session explicit-deny session 1 1"],
    ["in the boundary", { boundary: [ADMIN, deny("kms:Encrypt")] }, "deny boundary explicit-deny boundary 2"],
    ["… also for a user who is named directly", { key: [allow("kms:*", "alice")], boundary: [deny("kms:*")] }, "deny boundary explicit-deny boundary 1"],
    ["… for the root user, who has none, there is none", { caller: "root", identity: [] }, "allow default 1"],
    ["of another action", { boundary: [ADMIN, deny("kms:Decrypt")] }, "allow attached 1"],
    ["the identity policy's is named before the boundary's", { identity: [deny("kms:*")], boundary: [deny("kms:*")] }, "deny identity explicit-deny attached 1"],
    ["the boundary's before the session's", { caller: "build", boundary: [deny("kms:*")], session: [[deny("kms:*")]] }, "deny boundary explicit-deny boundary 1"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});
