import { expect, test } from "vitest";
import { requireNoLockout } from "#domain/policy/lockout";
import { allow, CALLERS, CONDITION, DELEGATES, deny, document, type Element, type Name, OWN, type Says, saying, UNHEARD } from "./cast.ts";

const LOCKED = "The new key policy will not allow you to update the key policy in the future.";

// KMS API Reference, PutKeyPolicy: "The key policy must allow the calling principal to make a subsequent PutKeyPolicy request on the KMS key."
// biome-ignore format: one row a line
test.each<[string, Name, readonly Element[], "kept" | "locked"]>([
  ["the account's statement keeps the key governable", "alice", [DELEGATES], "kept"],
  ["… for the root user", "root", [DELEGATES], "kept"],
  ["… by the account's bare id", "build", [allow("kms:*", "account id")], "kept"],
  ["the caller named directly", "alice", [allow("kms:PutKeyPolicy", "alice")], "kept"],
  ["the caller's role", "build", [allow("kms:Put*", "Builder")], "kept"],
  ["the caller's session", "build", [allow("kms:Put*", "build-1")], "kept"],
  ["everyone", "alice", [allow("kms:*", "everyone")], "kept"],
  ["only somebody else", "alice", [allow("kms:*", "bob")], "locked"],
  ["only another session", "build2", [allow("kms:*", "build-1")], "locked"],
  ["only another account's root", "alice", [allow("kms:*", "other account")], "locked"],
  ["only the user, when root calls", "root", [allow("kms:*", "alice")], "locked"],
  ["the caller, but not this action", "alice", [allow("kms:Get*", "alice")], "locked"],
  ["the account, but not this action", "alice", [allow("kms:Get*", "account")], "locked"],
  ["the caller denied", "alice", [DELEGATES, deny("kms:Put*", "alice")], "locked"],
  ["everyone denied", "root", [DELEGATES, deny("kms:*", "everyone")], "locked"],
  ["somebody else denied", "alice", [DELEGATES, deny("kms:*", "bob")], "kept"],
  ["a condition on another action", "alice", [DELEGATES, allow("kms:CreateGrant", "alice", CONDITION)], "kept"],
  ["a condition on this one", "alice", [DELEGATES, deny("kms:PutKeyPolicy", "alice", CONDITION)], "locked"],
])("%s (%s)", (_, caller, statements, expected) => {
  const check = () => requireNoLockout(document(statements), CALLERS[caller], OWN);
  if (expected === "kept") expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ name: "MalformedPolicyDocumentException", message: LOCKED }));
});

const when = (operator: string, key: string, value: string) => ({ Condition: { [operator]: { [key]: value } } });
const named = (name: string) => when("StringEquals", "kms:PolicyName", name);
const insecure = when("Bool", "aws:SecureTransport", "false");
const bypass = (value: string) => when("Bool", "kms:BypassPolicyLockoutSafetyCheck", value);

// "The lockout check evaluates the new default policy with kms:PolicyName = default."
// biome-ignore format: one row a line
test.each<[string, readonly Element[], Says | undefined, "kept" | "locked"]>([
  ["a later call names the policy default", [allow("kms:*", "account", named("default"))], undefined, "kept"],
  ["… whatever this one names", [allow("kms:*", "account", named("default"))], { "kms:PolicyName": "AWS_RAM" }, "kept"],
  ["… and no other", [allow("kms:*", "account", named("AWS_RAM"))], { "kms:PolicyName": "AWS_RAM" }, "locked"],
  ["… which may be denied", [DELEGATES, deny("kms:*", "account", named("default"))], undefined, "locked"],
  ["… or another", [DELEGATES, deny("kms:*", "account", named("AWS_RAM"))], undefined, "kept"],
  ["a later call bypasses nothing", [DELEGATES, deny("kms:*", "account", bypass("true"))], { "kms:BypassPolicyLockoutSafetyCheck": "true" }, "kept"],
  ["… also where nothing is known", [DELEGATES, deny("kms:*", "account", bypass("true"))], undefined, "kept"],
  ["… and says nothing of it", [allow("kms:*", "account", bypass("false"))], { "kms:BypassPolicyLockoutSafetyCheck": "false" }, "locked"],
  ["a condition that the caller satisfies", [allow("kms:*", "account", CONDITION)], { "aws:SecureTransport": "true" }, "kept"],
  ["… does not", [allow("kms:*", "account", CONDITION)], { "aws:SecureTransport": "false" }, "locked"],
  ["… may or may not", [allow("kms:*", "account", CONDITION)], undefined, "locked"],
  ["a Deny that does not hold for the caller", [DELEGATES, deny("kms:*", "account", insecure)], { "aws:SecureTransport": "true" }, "kept"],
  ["… that does", [DELEGATES, deny("kms:*", "account", insecure)], { "aws:SecureTransport": "false" }, "locked"],
  ["… that may or may not", [DELEGATES, deny("kms:*", "account", insecure)], undefined, "locked"],
  ["a Deny that is not understood", [DELEGATES, deny("kms:*", "account", UNHEARD)], {}, "locked"],
  ["a tag of the key, which no key policy finds", [allow("kms:*", "account", when("StringEquals", "aws:ResourceTag/Team", "red"))], { "aws:ResourceTag/Team": "red" }, "locked"],
  ["a key that only looks like a prototype's", [DELEGATES, deny("kms:*", "account", when("StringEquals", "constructor", "x"))], undefined, "locked"],
])("conditions: %s (%j, %j)", (_, statements, says, expected) => {
  const check = () => requireNoLockout(document(statements), CALLERS.alice, OWN, says && saying(says));
  if (expected === "kept") expect(check).not.toThrow();
  else expect(check).toThrow(LOCKED);
});

test("a session's role may be named, and its session policies do not lock it out", () => {
  expect(() => requireNoLockout(document([allow("kms:Put*", "Builder")]), CALLERS.build, OWN)).not.toThrow();
});
