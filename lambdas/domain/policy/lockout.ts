import { ADMINISTRATOR_ACCESS } from "./default-policy.ts";
import { readPolicy } from "./document.ts";
import { evaluate } from "./evaluate.ts";
import { malformed } from "./malformed.ts";
import type { Caller, Context } from "./request.ts";

/**
 * Requires that the caller could replace this policy again: it names the caller, or leaves the decision to the caller's account.
 *
 * The caller's identity policies are not asked: they can be changed, a key that nobody can govern cannot. Conditions are judged as for a later
 * PutKeyPolicy by the same caller, which names the policy `default` and bypasses nothing. A statement that might take the right away counts as
 * doing so, and one that only might give it does not.
 * @param text the key policy, which has been read before.
 * @param account the account that owns the key.
 * @param context what a call of the caller's says now; absent: only the name of the policy is known, and every other condition is doubtful.
 * @see AWS KMS API Reference, PutKeyPolicy, "BypassPolicyLockoutSafetyCheck"
 */
export function requireNoLockout(text: string, caller: Caller, account: string, context?: Context): void {
  const decision = evaluate({
    action: "kms:PutKeyPolicy",
    resource: "*",
    resourceAccount: account,
    caller,
    keyPolicy: context === undefined ? readPolicy(text, "key", (key) => OF_LATER_CALL.has(key)) : readPolicy(text, "key"),
    identityPolicies: [{ name: ADMINISTRATOR_ACCESS.arn, policy: EVERYTHING }],
    context: (key) => (OF_LATER_CALL.has(key) ? OF_LATER_CALL.get(key) : context?.(key)),
  });
  if (!decision.allowed) throw malformed("The new key policy will not allow you to update the key policy in the future.");
}

/** What a later call says, whatever this one does. */
const OF_LATER_CALL: ReadonlyMap<string, string | undefined> = new Map([
  ["kms:policyname", "default"],
  ["kms:bypasspolicylockoutsafetycheck", undefined],
]);

const EVERYTHING = readPolicy(ADMINISTRATOR_ACCESS.document, "identity");
