/** What CreateKey, PutKeyPolicy and later ReplicateKey ask of a key policy before they keep it. */
import { partitionOf } from "../arn.ts";
import { Fault } from "../fault.ts";
import { defaultKeyPolicy } from "./default-policy.ts";
import { parsePolicy, principalsOf } from "./document.ts";
import { requireNoLockout } from "./lockout.ts";
import { invalidPrincipals } from "./malformed.ts";
import type { Principal as NamedPrincipal } from "./principal.ts";
import type { Caller, Context } from "./request.ts";

interface Proposed {
  /** Absent: the default policy. */
  readonly text: string | undefined;
  readonly region: string;
  readonly caller: Caller;
  /** What the call says under condition keys; absent: the check against lockout believes no condition. */
  readonly context?: Context;
  readonly bypassLockoutCheck: boolean;
  /** Bytes that it may have, where that is not what it usually is. */
  readonly largest?: number;
  /** The unique id of a user or role, by ARN, or of a session's role; absent where principals come into being by being used. */
  readonly idOf: ((arn: string) => Promise<string | undefined>) | undefined;
}

export interface AcceptedPolicy {
  readonly policy: string;
  /** The unique ids that its users, roles and sessions' roles have now, by ARN: who takes a name later is somebody else. */
  readonly principals: Readonly<Record<string, string>>;
}

/**
 * Checks that a policy is one, names only principals that exist, and leaves its author able to change it again.
 * @throws {Fault} MalformedPolicyDocumentException, LimitExceededException
 * @see AWS KMS Developer Guide, "Key policies in AWS KMS"
 */
export async function acceptPolicy({
  text,
  region,
  caller,
  context,
  bypassLockoutCheck,
  largest,
  idOf,
}: Proposed): Promise<AcceptedPolicy> {
  if (text === undefined) return { policy: defaultKeyPolicy(caller.account, partitionOf(region)), principals: {} };
  const policy = parsePolicy(text, "key", largest === undefined ? {} : { largest });
  const principals: Record<string, string> = {};
  if (idOf) {
    for (const principal of principalsOf(policy)) {
      const { form, text } = principal;
      if (!hasId(form)) continue;
      const id = await idOf(text);
      if (id !== undefined) principals[text] = id;
      else if (form !== "session") throw invalidPrincipals();
    }
  }
  if (!bypassLockoutCheck) requireNoLockout(text, caller, caller.account, context);
  return { policy: text, principals };
}

/**
 * Says whether a policy keeps whom it names in this form by a unique id: services and accounts are elsewhere, federated users come and go.
 * Sessions do too, and so do not have to exist, nor do their roles; but a role that is there is meant, and not a later one of its name.
 */
export const hasId = (form: NamedPrincipal["form"]): boolean => form === "user" || form === "role" || form === "session";

/** A key has one policy. @throws {Fault} NotFoundException for any other name */
export function requirePolicyName(name: string): void {
  if (name !== "default") throw new Fault("NotFoundException", "No such policy exists");
}

/** @throws {Fault} ValidationException for the policy that only RAM may write; NotFoundException for any other that there is not. */
export function requireWritablePolicyName(name: string): void {
  if (name === "AWS_RAM") throw new Fault("ValidationException", "The AWS_RAM policy can only be managed by the RAM service.");
  requirePolicyName(name);
}
