import { overQuota } from "./entity.ts";
import { hasId } from "./policy/accept.ts";
import { parsePolicy, principalsOf } from "./policy/document.ts";
import { malformed } from "./policy/malformed.ts";
import { type Bounded, type PolicyHolder, sizeOf } from "./policy-holder.ts";

/** An IAM role: what may be done by whoever it trusts. @see IAM User Guide, "IAM roles". */
export interface Role extends PolicyHolder, Bounded {
  readonly trust: TrustPolicy;
  readonly description?: string;
  /** In seconds. */
  readonly longestSession: number;
  readonly tags: ReadonlyMap<string, string>;
}

export interface TrustPolicy {
  readonly document: string;
  /** The unique ids that its users, roles and sessions' roles had when it was written, by ARN: who takes a name later is somebody else. */
  readonly principals: Readonly<Record<string, string>>;
}

/** @see IAM User Guide, "IAM and AWS STS quotas". */
export const ROLES = 1000;
export const TRUST_SIZE = 2048;
export const USUAL_SESSION = 3600;

/**
 * Checks that a trust policy is one, and names only users and roles that exist.
 * @param idOf the unique id of a user or role, by ARN, or of a session's role; undefined where principals come into being by being named.
 * @throws {Fault} MalformedPolicyDocumentException, LimitExceededException
 */
export async function acceptTrust(
  document: string,
  idOf: ((arn: string) => Promise<string | undefined>) | undefined,
): Promise<TrustPolicy> {
  const policy = parsePolicy(document, "trust");
  if (sizeOf(document) > TRUST_SIZE) throw overQuota("ACLSizePerRole", TRUST_SIZE);
  const principals: Record<string, string> = {};
  for (const { form, text } of idOf ? principalsOf(policy) : []) {
    if (!hasId(form)) continue;
    const id = await idOf?.(text);
    if (id !== undefined) principals[text] = id;
    else if (form !== "session") throw malformed(`Invalid principal in policy: "AWS":"${text}"`);
  }
  return { document, principals };
}
