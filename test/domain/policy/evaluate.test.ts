/**
 * Who may do what, one row per line: a sentence of AWS's guides, the key policy, the caller's identity policy, the caller, the action, and the
 * decision with the statement that made it. KDG = AWS KMS Developer Guide, IAM = IAM User Guide.
 */
import { expect, test } from "vitest";
import { evaluate } from "#domain/policy/evaluate";
import {
  ADMIN,
  ALIAS,
  allow,
  CALLERS,
  DELEGATES,
  decide,
  deny,
  identityPolicy,
  KEY,
  keyPolicy,
  OTHER_KEY,
  OWN,
  type Row,
  spell,
} from "./cast.ts";

// KDG "Key policies": "Every KMS key must have exactly one key policy. [Its] statements determine who has permission to use the KMS key".
// biome-ignore format: one row a line
const DIRECT: readonly Row[] = [
  ["a user whom the key policy names needs no identity policy", [allow("kms:Encrypt", "alice")], [], "alice", "kms:Encrypt", "allow default 1"],
  ["naming one user says nothing of another", [allow("kms:Encrypt", "alice")], [], "bob", "kms:Encrypt", "deny resource implicit"],
  ["naming one action says nothing of another", [allow("kms:Encrypt", "alice")], [], "alice", "kms:Decrypt", "deny resource implicit"],
  ["a user's path is part of the name", [allow("kms:Encrypt", "bob")], [], "bob", "kms:Encrypt", "allow default 1"],
  ["names of users are case-sensitive", [allow("kms:Encrypt", "Alice")], [], "alice", "kms:Encrypt", "deny resource implicit"],
  ["multiple principals mean any of them (1)", [allow("kms:Sign", ["alice", "bob"])], [], "alice", "kms:Sign", "allow default 1"],
  ["multiple principals mean any of them (2)", [allow("kms:Sign", ["alice", "bob"])], [], "bob", "kms:Sign", "allow default 1"],
  ["a role's ARN matches all its sessions", [allow("kms:Decrypt", "Builder")], [], "build", "kms:Decrypt", "allow default 1"],
  ["… whatever the session's name", [allow("kms:Decrypt", "Builder")], [], "build2", "kms:Decrypt", "allow default 1"],
  ["a session's ARN matches that session", [allow("kms:Decrypt", "build-1")], [], "build", "kms:Decrypt", "allow default 1"],
  ["… and no other session of the role", [allow("kms:Decrypt", "build-1")], [], "build2", "kms:Decrypt", "deny resource implicit"],
  ["a role of the same name in another account is another role", [allow("kms:Decrypt", "other Builder")], [], "build", "kms:Decrypt", "deny resource implicit"],
  ["everyone in the key's account needs no identity policy", [allow("kms:Decrypt", "everyone")], [], "alice", "kms:Decrypt", "allow default 1"],
  ["\"*\" alone is everyone too", [allow("kms:Decrypt", undefined, { Principal: "*" })], [], "alice", "kms:Decrypt", "allow default 1"],
  ["a service is not a user", [allow("kms:*", undefined, { Principal: { Service: "logs.amazonaws.com" } })], [ADMIN], "alice", "kms:Encrypt", "deny resource implicit"],
  ["principals of different types stand side by side", [allow("kms:*", undefined, { Principal: { Service: "a.amazonaws.com", AWS: OWN } })], [ADMIN], "alice", "kms:Encrypt", "allow attached 1"],
  ["the statement that allows is the one that is named", [allow("kms:Sign", "alice"), allow("kms:Verify", "alice")], [], "alice", "kms:Verify", "allow default 2"],
];

// KDG "Default key policy": "Allows access to the AWS account and enables IAM policies".
// biome-ignore format: one row a line
const DELEGATION: readonly Row[] = [
  ["the account's statement lets the identity policy decide", [DELEGATES], [allow("kms:Encrypt")], "alice", "kms:Encrypt", "allow attached 1"],
  ["it alone \"doesn't give any IAM principal permission to use the key\"", [DELEGATES], [], "alice", "kms:Encrypt", "deny identity implicit"],
  ["… only the root user", [DELEGATES], [], "root", "kms:Encrypt", "allow default 1"],
  ["the account's bare id means the same", [allow("kms:*", "account id")], [allow("kms:Encrypt")], "alice", "kms:Encrypt", "allow attached 1"],
  ["… for the root user too", [allow("kms:*", "account id")], [], "root", "kms:Encrypt", "allow default 1"],
  ["an account is the same one in every partition", [allow("kms:*", "account in China")], [ADMIN], "alice", "kms:Encrypt", "allow attached 1"],
  ["without it \"IAM policies that allow access are ineffective\"", [allow("kms:*", "bob")], [ADMIN], "alice", "kms:Encrypt", "deny resource implicit"],
  ["… even for the root user", [allow("kms:*", "bob")], [], "root", "kms:Encrypt", "deny resource implicit"],
  ["… also with AdministratorAccess for a role", [allow("kms:*", "bob")], [ADMIN], "build", "kms:Encrypt", "deny resource implicit"],
  ["it delegates only the actions that it names", [allow("kms:Describe*", "account")], [ADMIN], "alice", "kms:Encrypt", "deny resource implicit"],
  ["… and those it does delegate", [allow("kms:Describe*", "account")], [ADMIN], "alice", "kms:DescribeKey", "allow attached 1"],
  ["another account's statement is no delegation to this one", [allow("kms:*", "other account")], [ADMIN], "alice", "kms:Encrypt", "deny resource implicit"],
  ["the identity policy must cover the action", [DELEGATES], [allow("kms:Decrypt")], "alice", "kms:Encrypt", "deny identity implicit"],
  ["the identity policy must cover the key", [DELEGATES], [allow("kms:*", undefined, { Resource: OTHER_KEY })], "alice", "kms:Encrypt", "deny identity implicit"],
  ["the key's own ARN covers it", [DELEGATES], [allow("kms:*", undefined, { Resource: KEY })], "alice", "kms:Encrypt", "allow attached 1"],
  ["an ARN with wildcards covers it", [DELEGATES], [allow("kms:*", undefined, { Resource: `arn:aws:kms:*:${OWN}:key/*` })], "alice", "kms:Encrypt", "allow attached 1"],
  ["ARNs are case-sensitive", [DELEGATES], [allow("kms:*", undefined, { Resource: KEY.toUpperCase().replace("ARN:AWS:KMS", "arn:aws:kms") })], "alice", "kms:Encrypt", "deny identity implicit"],
  ["\"specifying an alias as a resource is not a way to allow the use of its key\"", [DELEGATES], [allow("kms:*", undefined, { Resource: ALIAS })], "alice", "kms:Encrypt", "deny identity implicit"],
  ["a session is decided by its role's identity policies", [DELEGATES], [allow("kms:Encrypt")], "build", "kms:Encrypt", "allow attached 1"],
  ["direct permission comes before delegation", [DELEGATES, allow("kms:Encrypt", "alice")], [], "alice", "kms:Encrypt", "allow default 2"],
];

// IAM "Policy evaluation logic": "An explicit deny in any of these policies overrides the allow".
// biome-ignore format: one row a line
const DENY: readonly Row[] = [
  ["a Deny in the key policy beats its Allow", [allow("kms:*", "alice"), deny("kms:Decrypt", "alice")], [], "alice", "kms:Decrypt", "deny resource explicit-deny default 2"],
  ["… wherever it stands", [deny("kms:Decrypt", "alice"), allow("kms:*", "alice")], [], "alice", "kms:Decrypt", "deny resource explicit-deny default 1"],
  ["… and leaves other actions alone", [allow("kms:*", "alice"), deny("kms:Decrypt", "alice")], [], "alice", "kms:Encrypt", "allow default 1"],
  ["… and other users", [DELEGATES, deny("kms:Decrypt", "alice")], [ADMIN], "bob", "kms:Decrypt", "allow attached 1"],
  ["a Deny in the key policy beats the identity policy", [DELEGATES, deny("kms:*", "alice")], [ADMIN], "alice", "kms:Sign", "deny resource explicit-deny default 2"],
  ["a Deny in the identity policy beats the key policy", [allow("kms:*", "alice")], [deny("kms:Decrypt")], "alice", "kms:Decrypt", "deny identity explicit-deny attached 1"],
  ["a Deny in the identity policy beats its own Allow", [DELEGATES], [ADMIN, deny("kms:Decrypt")], "alice", "kms:Decrypt", "deny identity explicit-deny attached 2"],
  ["an identity Deny works without delegation", [allow("kms:*", "everyone")], [deny("kms:*")], "alice", "kms:Encrypt", "deny identity explicit-deny attached 1"],
  ["an identity Deny on another key leaves this one alone", [DELEGATES], [ADMIN, deny("kms:*", undefined, { Resource: OTHER_KEY })], "alice", "kms:Sign", "allow attached 1"],
  ["a Deny on everyone denies everyone", [DELEGATES, deny("kms:Decrypt", "everyone")], [ADMIN], "alice", "kms:Decrypt", "deny resource explicit-deny default 2"],
  ["… the root user too", [DELEGATES, deny("kms:Decrypt", "everyone")], [], "root", "kms:Decrypt", "deny resource explicit-deny default 2"],
  ["a Deny on the account denies all in it", [allow("kms:*", "alice"), deny("kms:Sign", "account")], [], "alice", "kms:Sign", "deny resource explicit-deny default 2"],
  ["… sessions too", [allow("kms:*", "Builder"), deny("kms:Sign", "account")], [], "build", "kms:Sign", "deny resource explicit-deny default 2"],
  ["… the root user too (account)", [DELEGATES, deny("kms:Sign", "account id")], [], "root", "kms:Sign", "deny resource explicit-deny default 2"],
  ["a Deny on another account leaves this one alone", [DELEGATES, deny("kms:Sign", "other account")], [ADMIN], "alice", "kms:Sign", "allow attached 1"],
  ["a Deny on a role denies its sessions", [DELEGATES, deny("kms:Sign", "Builder")], [ADMIN], "build", "kms:Sign", "deny resource explicit-deny default 2"],
  ["a Deny on one session leaves the others", [DELEGATES, deny("kms:Sign", "build-1")], [ADMIN], "build2", "kms:Sign", "allow attached 1"],
  ["a Deny on a service leaves users alone", [DELEGATES, deny("kms:*", undefined, { Principal: { Service: "logs.amazonaws.com" } })], [ADMIN], "alice", "kms:Sign", "allow attached 1"],
  ["when both sides deny, the key policy is named", [deny("kms:*", "alice")], [deny("kms:*")], "alice", "kms:Sign", "deny resource explicit-deny default 1"],
];

// IAM "IAM JSON policy elements: Action", "NotAction", "Resource", "NotResource".
// biome-ignore format: one row a line
const ACTIONS_AND_RESOURCES: readonly Row[] = [
  ["actions are case-insensitive", [allow("KMS:encrypt", "alice")], [], "alice", "kms:Encrypt", "allow default 1"],
  ["kms:* is every action of KMS", [allow("kms:*", "alice")], [], "alice", "kms:ScheduleKeyDeletion", "allow default 1"],
  ["* is every action", [allow("*", "alice")], [], "alice", "kms:Encrypt", "allow default 1"],
  ["kms:Generate* is all that begins so", [allow("kms:Generate*", "alice")], [], "alice", "kms:GenerateDataKeyPair", "allow default 1"],
  ["… and nothing else", [allow("kms:Generate*", "alice")], [], "alice", "kms:Encrypt", "deny resource implicit"],
  ["kms:ReEncrypt* covers kms:ReEncryptFrom", [allow("kms:ReEncrypt*", "alice")], [], "alice", "kms:ReEncryptFrom", "allow default 1"],
  ["kms:*Key* matches in the middle", [allow("kms:*Key*", "alice")], [], "alice", "kms:DescribeKey", "allow default 1"],
  ["? is exactly one character", [allow("kms:?ncrypt", "alice")], [], "alice", "kms:Encrypt", "allow default 1"],
  ["… not none", [allow("kms:?Encrypt", "alice")], [], "alice", "kms:Encrypt", "deny resource implicit"],
  ["actions of other services are ignored", [allow("s3:*", "alice")], [], "alice", "kms:Encrypt", "deny resource implicit"],
  ["a list means any of its actions", [allow(["kms:Sign", "kms:Verify"], "alice")], [], "alice", "kms:Verify", "allow default 1"],
  ["NotAction allows all but the listed", [allow("", "alice", { Action: undefined, NotAction: "kms:Decrypt" })], [], "alice", "kms:Encrypt", "allow default 1"],
  ["… and says nothing of those", [allow("", "alice", { Action: undefined, NotAction: "kms:Decrypt" })], [], "alice", "kms:Decrypt", "deny resource implicit"],
  ["NotAction in a Deny denies all but the listed", [allow("kms:*", "alice"), deny("", "alice", { Action: undefined, NotAction: ["kms:Encrypt"] })], [], "alice", "kms:Sign", "deny resource explicit-deny default 2"],
  ["… and leaves the listed", [allow("kms:*", "alice"), deny("", "alice", { Action: undefined, NotAction: ["kms:Encrypt"] })], [], "alice", "kms:Encrypt", "allow default 1"],
  ["NotResource covers all but the listed", [DELEGATES], [allow("kms:*", undefined, { Resource: undefined, NotResource: OTHER_KEY })], "alice", "kms:Sign", "allow attached 1"],
  ["… and not those", [DELEGATES], [allow("kms:*", undefined, { Resource: undefined, NotResource: [KEY, OTHER_KEY] })], "alice", "kms:Sign", "deny identity implicit"],
  ["NotResource in a Deny spares the listed", [DELEGATES], [ADMIN, deny("kms:*", undefined, { Resource: undefined, NotResource: `${KEY.slice(0, -4)}*` })], "alice", "kms:Sign", "allow attached 1"],
  ["a list of resources means any of them", [DELEGATES], [allow("kms:*", undefined, { Resource: [OTHER_KEY, KEY] })], "alice", "kms:Sign", "allow attached 1"],
];

// KDG "Allowing users in other accounts to use a KMS key": the key policy and the caller's IAM policies must both allow.
// biome-ignore format: one row a line
const ACROSS_ACCOUNTS: readonly Row[] = [
  ["both sides allow", [allow("kms:Decrypt", "other account")], [allow("kms:Decrypt")], "eve", "kms:Decrypt", "allow attached 1"],
  ["both sides allow, the account by its bare id", [allow("kms:Decrypt", "other account id")], [allow("kms:Decrypt")], "eve", "kms:Decrypt", "allow attached 1"],
  ["the key policy alone is not enough", [allow("kms:Decrypt", "other account")], [], "eve", "kms:Decrypt", "deny identity implicit"],
  ["… nor if it names the user", [allow("kms:Decrypt", "eve")], [], "eve", "kms:Decrypt", "deny identity implicit"],
  ["… nor if it names everyone", [allow("kms:Decrypt", "everyone")], [], "eve", "kms:Decrypt", "deny identity implicit"],
  ["the user named, and the identity policy", [allow("kms:Decrypt", "eve")], [allow("kms:Decrypt", undefined, { Resource: KEY })], "eve", "kms:Decrypt", "allow attached 1"],
  ["everyone, and the identity policy", [allow("kms:Decrypt", "everyone")], [ADMIN], "eve", "kms:Decrypt", "allow attached 1"],
  ["the role named, and its identity policy", [allow("kms:Decrypt", "other Builder")], [ADMIN], "otherBuild", "kms:Decrypt", "allow attached 1"],
  ["the identity policy alone is not enough", [DELEGATES], [ADMIN], "eve", "kms:Decrypt", "deny resource implicit"],
  ["the identity policy must cover the foreign key", [allow("kms:*", "other account")], [allow("kms:*", undefined, { Resource: OTHER_KEY })], "eve", "kms:Sign", "deny identity implicit"],
  ["another account's root user needs no identity policy", [allow("kms:Decrypt", "other account")], [], "otherRoot", "kms:Decrypt", "allow root"],
  ["… but the key policy's word", [DELEGATES], [], "otherRoot", "kms:Decrypt", "deny resource implicit"],
  ["a Deny in the key policy", [allow("kms:*", "other account"), deny("kms:Sign", "eve")], [ADMIN], "eve", "kms:Sign", "deny resource explicit-deny default 2"],
  ["a Deny in the identity policy", [allow("kms:*", "other account")], [ADMIN, deny("kms:Sign")], "eve", "kms:Sign", "deny identity explicit-deny attached 2"],
  ["a Deny on the other account", [allow("kms:*", "eve"), deny("kms:*", "other account")], [ADMIN], "eve", "kms:Sign", "deny resource explicit-deny default 2"],
];

// KDG "IAM policies": CreateKey, ListKeys, ListAliases and the alias side of alias operations are decided by identity policies alone.
// biome-ignore format: one row a line
const WITHOUT_KEY_POLICY: readonly Row[] = [
  ["CreateKey is allowed by an identity policy", null, [allow("kms:CreateKey")], "alice", "kms:CreateKey", "allow attached 1", "*"],
  ["… and by nothing else", null, [], "alice", "kms:CreateKey", "deny identity implicit", "*"],
  ["the root user needs none", null, [], "root", "kms:CreateKey", "allow root", "*"],
  ["a Deny beats the Allow", null, [ADMIN, deny("kms:CreateKey")], "alice", "kms:CreateKey", "deny identity explicit-deny attached 2", "*"],
  ["an action without a resource needs Resource *", null, [allow("kms:ListKeys", undefined, { Resource: `arn:aws:kms:*:${OWN}:key/*` })], "alice", "kms:ListKeys", "deny identity implicit", "*"],
  ["a session is decided by its role's policies", null, [allow("kms:List*")], "build", "kms:ListAliases", "allow attached 1", "*"],
  ["an alias is a resource of its own", null, [allow("kms:CreateAlias", undefined, { Resource: `arn:aws:kms:*:${OWN}:alias/*` })], "alice", "kms:CreateAlias", "allow attached 1", ALIAS],
  ["… which a key's ARN does not cover", null, [allow("kms:CreateAlias", undefined, { Resource: `arn:aws:kms:*:${OWN}:key/*` })], "alice", "kms:CreateAlias", "deny identity implicit", ALIAS],
  ["nobody has a right over another account's alias", null, [ADMIN], "eve", "kms:UpdateAlias", "deny resource implicit", ALIAS],
  ["… its root user neither", null, [], "otherRoot", "kms:UpdateAlias", "deny resource implicit", ALIAS],
];

for (const [title, rows] of Object.entries({ DIRECT, DELEGATION, DENY, ACTIONS_AND_RESOURCES, ACROSS_ACCOUNTS, WITHOUT_KEY_POLICY })) {
  for (const row of rows) test(`${title.toLowerCase().replaceAll("_", " ")}: ${row[0]}`, () => expect(spell(decide(row))).toBe(row[5]));
}

test("the decision names the deciding statement by its Sid", () => {
  const policy = keyPolicy(DELEGATES, deny("kms:Sign", "alice", { Sid: "No signing for Alice" }));
  const asked = {
    context: () => undefined,
    action: "kms:Sign",
    resource: KEY,
    resourceAccount: OWN,
    caller: CALLERS.alice,
    keyPolicy: policy,
    identityPolicies: [],
  };
  expect(evaluate(asked)).toEqual({
    allowed: false,
    because: "explicit-deny",
    side: "resource",
    by: { side: "resource", policy: "default", statement: 2, sid: "No signing for Alice" },
  });
});

test("several identity policies count together, and the one that decides is named", () => {
  const [first, second, third] = [identityPolicy(allow("kms:Sign")), identityPolicy(ADMIN), identityPolicy(deny("kms:Verify"))];
  const policies = [
    { name: "first", policy: first },
    { name: "second", policy: second },
    { name: "third", policy: third },
  ];
  const asked = (action: string) =>
    spell(
      evaluate({
        context: () => undefined,
        action,
        resource: KEY,
        resourceAccount: OWN,
        caller: CALLERS.alice,
        keyPolicy: keyPolicy(DELEGATES),
        identityPolicies: policies,
      }),
    );
  expect([asked("kms:Sign"), asked("kms:Encrypt"), asked("kms:Verify")]).toEqual([
    "allow first 1",
    "allow second 1",
    "deny identity explicit-deny third 1",
  ]);
});
