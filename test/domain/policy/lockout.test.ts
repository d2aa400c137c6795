import { expect, test } from "vitest";
import { requireNoLockout } from "#domain/policy/lockout";
import { allow, CALLERS, CONDITION, DELEGATES, deny, document, type Element, type Name, OWN } from "./cast.ts";

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
