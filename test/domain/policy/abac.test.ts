/** Whole policies out of AWS's guides: what they are for, they do. */
import { describe, expect, test } from "vitest";
import { ADMIN, allow, type Case, DELEGATES, deny, type Element, KEY, outcome, PRINCIPALS } from "./cast.ts";

const when = (Condition: Element) => ({ Condition });
const TAGGED = allow(
  ["kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"],
  undefined,
  when({ StringEquals: { "aws:ResourceTag/Project": ["Alpha", "Beta"] } }),
);
const ALIASED = allow("kms:Decrypt", undefined, when({ "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/ProjectAlpha*" } }));
const ALIASED_FOR_ALICE = allow(
  "kms:Decrypt",
  "alice",
  when({ "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/ProjectAlpha*" } }),
);
const REQUESTED = deny("kms:*", undefined, when({ StringNotLikeIfExists: { "kms:RequestAlias": "alias/App*" } }));
const TAG_KEYS = allow(
  "kms:TagResource",
  undefined,
  when({ StringEquals: { "aws:RequestTag/Project": "Alpha" }, "ForAllValues:StringEquals": { "aws:TagKeys": ["Project", "Owner"] } }),
);
const VIA = allow(
  ["kms:Decrypt", "kms:CreateGrant"],
  "everyone",
  when({ StringEquals: { "kms:CallerAccount": "111122223333", "kms:ViaService": "ebs.us-east-1.amazonaws.com" } }),
);
const SAME_TEAM = allow("kms:*", undefined, when({ StringEquals: { "aws:ResourceTag/Team": `\${aws:PrincipalTag/Team}` } }));
const NOT_ARN = deny("kms:*", "everyone", when({ ArnNotEquals: { "aws:PrincipalArn": PRINCIPALS.alice } }));
const MFA = deny("kms:ScheduleKeyDeletion", undefined, when({ BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } }));
const WINDOW = deny(
  "kms:ScheduleKeyDeletion",
  "everyone",
  when({ NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": "20" } }),
);
const CONTEXT = allow(
  "kms:Decrypt",
  "alice",
  when({ StringEquals: { "kms:EncryptionContext:AppName": "ExampleApp", "kms:EncryptionContext:FilePath": "/var/opt/secrets/" } }),
);
const GRANTS = allow(
  "kms:CreateGrant",
  "alice",
  when({ Bool: { "kms:GrantIsForAWSResource": true }, "ForAllValues:StringEquals": { "kms:GrantOperations": ["Encrypt", "Decrypt"] } }),
);
const NETWORK = deny(
  "kms:*",
  "everyone",
  when({ NotIpAddressIfExists: { "aws:SourceIp": "203.0.113.0/24" }, Bool: { "aws:ViaAWSService": "false" } }),
);
const ENCLAVE = allow("kms:Decrypt", "alice", when({ StringEqualsIgnoreCase: { "kms:RecipientAttestation:PCR0": "ab12" } }));
const NOT_BYPASSED = deny("kms:PutKeyPolicy", undefined, when({ Bool: { "kms:BypassPolicyLockoutSafetyCheck": true } }));

describe("KMS Developer Guide: ABAC, aliases, encryption context, services, attestation", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"only when the KMS key has a Project tag with a value of Alpha or Beta\"", { identity: [TAGGED], action: "kms:Decrypt", says: { "aws:ResourceTag/Project": "Beta" } }, "allow attached 1"],
    ["… another value", { identity: [TAGGED], action: "kms:Decrypt", says: { "aws:ResourceTag/Project": "Gamma" } }, "deny identity implicit"],
    ["… no tag", { identity: [TAGGED], action: "kms:Decrypt" }, "deny identity implicit"],
    ["\"when any alias associated with the KMS key begins with ProjectAlpha\"", { identity: [ALIASED], action: "kms:Decrypt", says: { "kms:ResourceAliases": ["alias/x", "alias/ProjectAlpha/1"] } }, "allow attached 1"],
    ["… none of them", { identity: [ALIASED], action: "kms:Decrypt", says: { "kms:ResourceAliases": ["alias/x"] } }, "deny identity implicit"],
    ["… it has none", { identity: [ALIASED], action: "kms:Decrypt", says: { "kms:ResourceAliases": [] } }, "deny identity implicit"],
    ["\"kms:ResourceAliases … IAM policies only\": a key policy finds no alias", { key: [ALIASED_FOR_ALICE], identity: [], action: "kms:Decrypt", says: { "kms:ResourceAliases": ["alias/ProjectAlpha/1"] } }, "deny resource implicit"],
    ["kms:RequestAlias in a Deny with IfExists: another alias", { identity: [ADMIN, REQUESTED], says: { "kms:RequestAlias": "alias/other" } }, "deny identity explicit-deny attached 2"],
    ["… that alias", { identity: [ADMIN, REQUESTED], says: { "kms:RequestAlias": "alias/App1" } }, "allow attached 1"],
    ["… \"still denied even if\" it is missing", { identity: [ADMIN, REQUESTED] }, "deny identity explicit-deny attached 2"],
    ["tags that a request may set", { identity: [TAG_KEYS], action: "kms:TagResource", says: { "aws:RequestTag/Project": "Alpha", "aws:TagKeys": ["Project", "Owner"] } }, "allow attached 1"],
    ["… one more", { identity: [TAG_KEYS], action: "kms:TagResource", says: { "aws:RequestTag/Project": "Alpha", "aws:TagKeys": ["Project", "Cost"] } }, "deny identity implicit"],
    ["… another value", { identity: [TAG_KEYS], action: "kms:TagResource", says: { "aws:RequestTag/Project": "Beta", "aws:TagKeys": ["Project"] } }, "deny identity implicit"],
    ["an AWS managed key's policy: through the service", { key: [VIA], identity: [], action: "kms:Decrypt", says: { "kms:CallerAccount": "111122223333", "kms:ViaService": "ebs.us-east-1.amazonaws.com" } }, "allow default 1"],
    ["… not directly", { key: [VIA], action: "kms:Decrypt", says: { "kms:CallerAccount": "111122223333" } }, "deny resource implicit"],
    ["… nor for another account", { key: [VIA], caller: "eve", action: "kms:Decrypt", says: { "kms:CallerAccount": "444455556666", "kms:ViaService": "ebs.us-east-1.amazonaws.com" } }, "deny resource implicit"],
    ["the caller's team is the key's", { identity: [SAME_TEAM], says: { "aws:ResourceTag/Team": "red", "aws:PrincipalTag/Team": "red" } }, "allow attached 1"],
    ["… another", { identity: [SAME_TEAM], says: { "aws:ResourceTag/Team": "red", "aws:PrincipalTag/Team": "*" } }, "deny identity implicit"],
    ["… neither has one", { identity: [SAME_TEAM] }, "deny identity implicit"],
    ["\"UsePrincipalArnInsteadOfNotPrincipalWithDeny\": she is spared", { key: [DELEGATES, NOT_ARN], says: { "aws:PrincipalArn": PRINCIPALS.alice } }, "allow attached 1"],
    ["… nobody else", { key: [DELEGATES, NOT_ARN], caller: "bob", says: { "aws:PrincipalArn": PRINCIPALS.bob } }, "deny resource explicit-deny default 2"],
    ["… nor who has no ARN", { key: [DELEGATES, NOT_ARN], caller: "bob" }, "deny resource explicit-deny default 2"],
    ["deletion needs MFA: without it", { identity: [ADMIN, MFA], action: "kms:ScheduleKeyDeletion", says: { "aws:MultiFactorAuthPresent": "false" } }, "deny identity explicit-deny attached 2"],
    ["… with it", { identity: [ADMIN, MFA], action: "kms:ScheduleKeyDeletion", says: { "aws:MultiFactorAuthPresent": "true" } }, "allow attached 1"],
    ["… with a long-lived key, where the key is missing", { identity: [ADMIN, MFA], action: "kms:ScheduleKeyDeletion" }, "deny identity explicit-deny attached 2"],
    ["a waiting period of less than 20 days", { key: [DELEGATES, WINDOW], action: "kms:ScheduleKeyDeletion", says: { "kms:ScheduleKeyDeletionPendingWindowInDays": "7" } }, "deny resource explicit-deny default 2"],
    ["… of 20 days", { key: [DELEGATES, WINDOW], action: "kms:ScheduleKeyDeletion", says: { "kms:ScheduleKeyDeletionPendingWindowInDays": "20" } }, "allow attached 1"],
    ["\"the encryption context in the request must include both\"", { key: [CONTEXT], identity: [], action: "kms:Decrypt", says: { "kms:EncryptionContext:AppName": "ExampleApp", "kms:EncryptionContext:FilePath": "/var/opt/secrets/" } }, "allow default 1"],
    ["… one is not enough", { key: [CONTEXT], identity: [], action: "kms:Decrypt", says: { "kms:EncryptionContext:AppName": "ExampleApp" } }, "deny resource implicit"],
    ["grants for AWS services and these operations", { key: [GRANTS], identity: [], action: "kms:CreateGrant", says: { "kms:GrantIsForAWSResource": "true", "kms:GrantOperations": ["Decrypt"] } }, "allow default 1"],
    ["… another operation", { key: [GRANTS], identity: [], action: "kms:CreateGrant", says: { "kms:GrantIsForAWSResource": "true", "kms:GrantOperations": ["Decrypt", "Sign"] } }, "deny resource implicit"],
    ["… not for a service", { key: [GRANTS], identity: [], action: "kms:CreateGrant", says: { "kms:GrantIsForAWSResource": "false", "kms:GrantOperations": ["Decrypt"] } }, "deny resource implicit"],
    ["only from the network: from it", { key: [DELEGATES, NETWORK], says: { "aws:SourceIp": "203.0.113.9", "aws:ViaAWSService": "false" } }, "allow attached 1"],
    ["… from elsewhere", { key: [DELEGATES, NETWORK], says: { "aws:SourceIp": "198.51.100.1", "aws:ViaAWSService": "false" } }, "deny resource explicit-deny default 2"],
    ["… through a service", { key: [DELEGATES, NETWORK], says: { "aws:SourceIp": "198.51.100.1", "aws:ViaAWSService": "true" } }, "allow attached 1"],
    ["an enclave whose measurement it is", { key: [ENCLAVE], identity: [], action: "kms:Decrypt", says: { "kms:RecipientAttestation:PCR0": "AB12" } }, "allow default 1"],
    ["… \"missing document = condition not satisfied\"", { key: [ENCLAVE], identity: [], action: "kms:Decrypt" }, "deny resource implicit"],
    ["the lockout check may not be bypassed", { identity: [ADMIN, NOT_BYPASSED], action: "kms:PutKeyPolicy", says: { "kms:BypassPolicyLockoutSafetyCheck": "true" } }, "deny identity explicit-deny attached 2"],
    ["… and need not be", { identity: [ADMIN, NOT_BYPASSED], action: "kms:PutKeyPolicy" }, "allow attached 1"],
    ["a condition counts on the resource that it stands with", { identity: [allow("kms:*", undefined, { Resource: KEY, ...when({ StringEquals: { "kms:KeySpec": "RSA_2048" } }) })], says: { "kms:KeySpec": "RSA_2048" } }, "allow attached 1"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});
