/** The policies that are passed with a session, and limit it. @see IAM User Guide, "Session policies" */
import { Fault } from "./fault.ts";
import { currentOf } from "./managed-policy.ts";
import { compilePolicy } from "./policy/compile.ts";
import { parsePolicy } from "./policy/document.ts";
import type { NamedPolicy } from "./policy/evaluate.ts";
import { malformed } from "./policy/malformed.ts";
import { type Policies, policyAt } from "./policy-reference.ts";
import type { Session } from "./session.ts";
import { compact, requireReadable } from "./session-fields.ts";

type Passed = Pick<Session, "policy" | "policyArns">;

/** @see STS API Reference, "AssumeRole": "You can provide up to 10 managed policy ARNs" */
const MANAGED = 10;

/**
 * Checks the policies that somebody passes: each is one, and those that are named are there.
 * @throws {Fault} MalformedPolicyDocumentException, PackedPolicyTooLargeException, ValidationException
 */
export async function acceptSessionPolicies(
  {
    Policy: document,
    PolicyArns: named = [],
  }: { readonly Policy?: string | undefined; readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined },
  account: string,
  policies: Policies,
): Promise<Passed> {
  if (document !== undefined) {
    requireReadable(document);
    parsePolicy(document, "session", { largest: document.length });
  }
  const policyArns = [...new Set(named.flatMap(({ arn }) => arn ?? []))];
  if (policyArns.length > MANAGED)
    throw new Fault("ValidationException", `Maximum ${MANAGED} managed policies can be attached to a session.`);
  // AWS's text is UNVERIFIED.
  for (const arn of policyArns)
    if (!(await policyAt(arn, account, policies))) throw malformed(`Policy ${arn} does not exist or is not attachable.`);
  return { policyArns, ...(document !== undefined && { policy: compact(document) }) };
}

/**
 * The policies that limit a session: none at all, or what is in this list. A federated user without any may nothing by its user's policies.
 *
 * Undefined when one of them is gone: it might have held a Deny, so the session is over. A managed policy is found by its ARN, as on AWS: one that
 * was made again under the ARN limits the session as it is now, and whoever may make it could have edited the former one.
 */
export async function sessionPoliciesOf(
  { kind, account, policy, policyArns }: Session,
  policies: Policies,
): Promise<{ readonly sessionPolicies?: readonly NamedPolicy[] } | undefined> {
  if (policy === undefined && policyArns.length === 0 && kind !== "federated-user") return {};
  const sessionPolicies: NamedPolicy[] = policy === undefined ? [] : [{ name: "session policy", policy: compilePolicy(policy, "session") }];
  for (const arn of policyArns) {
    const managed = await policyAt(arn, account, policies);
    if (!managed) return undefined;
    sessionPolicies.push({ name: arn, policy: compilePolicy(currentOf(managed).document, "identity") });
  }
  return { sessionPolicies };
}
