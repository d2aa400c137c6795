import { ADMINISTRATOR_ACCESS } from "./default-policy.ts";
import { type Policy, readPolicy } from "./document.ts";
import { type Caller, evaluate } from "./evaluate.ts";
import { malformed } from "./malformed.ts";

/**
 * Requires that the caller could replace this policy again: it names the caller, or leaves the decision to the caller's account.
 *
 * The caller's identity policies are not asked: they can be changed, a key that nobody can govern cannot. A statement that might take the
 * right away counts as doing so.
 * @param account the account that owns the key.
 * @see AWS KMS API Reference, PutKeyPolicy, "BypassPolicyLockoutSafetyCheck"
 */
export function requireNoLockout(policy: Policy, caller: Caller, account: string): void {
  const decision = evaluate({
    action: "kms:PutKeyPolicy",
    resource: "*",
    resourceAccount: account,
    caller,
    keyPolicy: policy,
    identityPolicies: [{ name: ADMINISTRATOR_ACCESS.arn, policy: EVERYTHING }],
  });
  if (!decision.allowed) throw malformed("The new key policy will not allow you to update the key policy in the future.");
}

const EVERYTHING = readPolicy(ADMINISTRATOR_ACCESS.document, "identity");
