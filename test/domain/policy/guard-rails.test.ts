/** Service control policies bound the principals of an account, resource control policies its resources. */
import { expect, test } from "vitest";
import { ADMIN, allow, type Case, CONDITION, DELEGATES, deny, type Element, outcome } from "./cast.ts";

const ALL: readonly Element[] = [allow("*")];
const NO_KMS: readonly Element[] = [allow("s3:*")];
const NO_ENCRYPT: readonly Element[] = [allow("*"), deny("kms:Encrypt")];
const insecure = { Condition: { Bool: { "aws:SecureTransport": "false" } } };

// AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation"; IAM User Guide, "Policy evaluation logic".
// biome-ignore format: one row a line
test.each<Case>([
  ["\"permissions … only if those policies and the SCP allow the action\"", { service: [ALL] }, "allow attached 1"],
  ["\"If the enforcement code does not find any applicable Allow statements in the SCPs, then the request is implicitly denied\"", { service: [NO_KMS] }, "deny service-control implicit"],
  ["… also where the key policy names the caller", { key: [allow("kms:*", "alice")], service: [NO_KMS] }, "deny service-control implicit"],
  ["… \"including each AWS account root user\"", { caller: "root", service: [NO_KMS] }, "deny service-control implicit"],
  ["\"there must be an explicit Allow statement at every level\": of those of one level, one is enough", { service: [NO_KMS, ALL] }, "allow attached 1"],
  ["… all of which allow", { service: [ALL, [allow("kms:*")]] }, "allow attached 1"],
  ["an SCP that only denies allows nothing", { service: [[deny("s3:*")]] }, "deny service-control implicit"],
  ["\"An SCP never grants permissions\"", { identity: [], service: [ALL] }, "deny identity implicit"],
  ["no SCP at all limits nothing", { service: [] }, "allow attached 1"],
  ["\"An explicit deny in any of these policies overrides the allow\"", { service: [NO_ENCRYPT] }, "deny service-control explicit-deny scp 1 2"],
  ["… at any level", { service: [ALL, NO_ENCRYPT] }, "deny service-control explicit-deny scp 2 2"],
  ["… before that of the key policy", { key: [deny("kms:*", "alice")], service: [NO_ENCRYPT] }, "deny service-control explicit-deny scp 1 2"],
  ["… which leaves other actions alone", { action: "kms:Decrypt", service: [NO_ENCRYPT] }, "allow attached 1"],
  ["an SCP's condition", { service: [[allow("*"), deny("*", undefined, insecure)]], says: { "aws:SecureTransport": "false" } }, "deny service-control explicit-deny scp 1 2"],
  ["… that does not hold", { service: [[allow("*"), deny("*", undefined, insecure)]], says: { "aws:SecureTransport": "true" } }, "allow attached 1"],
  ["… in an Allow", { service: [[allow("*", undefined, CONDITION)]] }, "deny service-control implicit"],
  ["an SCP's resource", { service: [[allow("*", undefined, { Resource: "arn:aws:kms:eu-*:*:key/*" })]] }, "deny service-control implicit"],
  ["it bounds CreateKey too", { key: null, action: "kms:CreateKey", on: "*", service: [NO_KMS] }, "deny service-control implicit"],
  ["it bounds callers of another account's keys", { caller: "eve", key: [allow("kms:*", "eve")], service: [NO_KMS] }, "deny service-control implicit"],
  ["\"RCPFullAWSAccess … cannot be detached\": an RCP need not allow", { resource: [[deny("s3:*", undefined, { Principal: "*" })]] }, "allow attached 1"],
  ["an RCP denies", { resource: [[deny("kms:*", undefined, { Principal: "*" })]] }, "deny resource-control explicit-deny rcp 1 1"],
  ["… callers of other accounts", { caller: "eve", key: [allow("kms:*", "eve")], resource: [[deny("kms:*", undefined, { Principal: "*" })]] }, "deny resource-control explicit-deny rcp 1 1"],
  ["… services", { caller: "logs", key: [allow("kms:*", "everyone")], resource: [[deny("kms:*", undefined, { Principal: "*" })]] }, "deny resource-control explicit-deny rcp 1 1"],
  ["… the root user", { caller: "root", resource: [[deny("kms:*", undefined, { Principal: "*" })]] }, "deny resource-control explicit-deny rcp 1 1"],
  ["… the second one", { resource: [[deny("s3:*", undefined, { Principal: "*" })], [deny("kms:*", undefined, { Principal: "*" })]] }, "deny resource-control explicit-deny rcp 2 1"],
  ["… after the SCP's", { service: [NO_ENCRYPT], resource: [[deny("kms:*")]] }, "deny service-control explicit-deny scp 1 2"],
  ["… before the key policy's", { key: [deny("kms:*", "alice")], resource: [[deny("kms:*")]] }, "deny resource-control explicit-deny rcp 1 1"],
  ["an RCP never allows", { key: [DELEGATES], identity: [], resource: [ALL] }, "deny identity implicit"],
  ["both together", { key: [DELEGATES], identity: [ADMIN], service: [ALL], resource: [ALL] }, "allow attached 1"],
])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
