import type { Policy } from "./document.ts";
import type { Principals } from "./principal.ts";
import type { Statement } from "./statement.ts";

/** Who calls, in every form in which a policy can name them. */
export interface Caller {
  readonly account: string;
  /** A user: its ARN. A session: its role's ARN, with the path, and the session's. The root user: `arn:aws:iam::<account>:root`. */
  readonly arns: readonly string[];
  /** The account's root user, who needs no identity policy. */
  readonly root: boolean;
}

export interface AccessRequest {
  /** Such as `kms:Encrypt`. */
  readonly action: string;
  /** A key's ARN, an alias's, or `*`. */
  readonly resource: string;
  /** The account that owns the resource; for `*` the caller's own. */
  readonly resourceAccount: string;
  readonly caller: Caller;
  /** The policy of the key; absent where identity policies alone decide: CreateKey, lists, aliases. */
  readonly keyPolicy?: Policy;
  readonly identityPolicies: readonly NamedPolicy[];
}

export interface NamedPolicy {
  /** As the log names it: an ARN, or the name of an inline policy. */
  readonly name: string;
  readonly policy: Policy;
}

/** Which policies spoke: those of the caller, or that of the resource. */
export type Side = "identity" | "resource";

/** The statement that decided. */
export interface Spoken {
  readonly side: Side;
  /** `default` for the policy of a key, `root` for the root user's own right; otherwise the identity policy's name. */
  readonly policy: string;
  /** Its place in the document, from 1; absent for the root user's own right. */
  readonly statement?: number;
  readonly sid?: string;
  /** The parts of it that this version cannot judge, such as `Condition`. */
  readonly notUnderstood?: readonly string[];
}

export interface Allowed {
  readonly allowed: true;
  readonly by: Spoken;
}

/** Refused; by a statement unless implicitly, that is for want of one on this side. */
export type Refused =
  | { readonly allowed: false; readonly because: "explicit-deny" | "not-understood"; readonly side: Side; readonly by: Spoken }
  | { readonly allowed: false; readonly because: "implicit"; readonly side: Side };

export type Decision = Allowed | Refused;

/**
 * Decides one request, in this order:
 *
 * 1. A Deny that matches, on either side, refuses.
 * 2. A statement that matches as far as it is understood, and holds more, refuses: it might have been a Deny.
 * 3. Within one account, the key policy allows whom it names directly; if it names the account, the identity policies decide.
 * 4. Across accounts, the key policy must name the caller or its account, and the identity policies must allow as well.
 * 5. Without a key policy, the identity policies decide, and never over another account's resource.
 * 6. Everything else is refused.
 *
 * @see IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic"; AWS KMS Developer Guide, "Key policies" and
 * "Allowing users in other accounts to use a KMS key"
 */
export function evaluate(request: AccessRequest): Decision {
  const { caller, keyPolicy, identityPolicies } = request;
  const resource: Voice = {};
  const identity: Voice = {};
  if (keyPolicy !== undefined) hear(resource, keyPolicy, { side: "resource", policy: "default" }, request);
  for (const { name, policy } of identityPolicies) hear(identity, policy, { side: "identity", policy: name }, request);

  const denied = resource.denies ?? identity.denies;
  if (denied !== undefined) return { allowed: false, because: "explicit-deny", side: denied.side, by: denied };
  const doubtful = resource.maySay ?? identity.maySay;
  if (doubtful !== undefined) return { allowed: false, because: "not-understood", side: doubtful.side, by: doubtful };

  const own = caller.account === request.resourceAccount;
  if (own && resource.allows !== undefined) return { allowed: true, by: resource.allows };
  const open = keyPolicy === undefined ? own : (resource.allows ?? resource.delegates) !== undefined;
  if (!open) return { allowed: false, because: "implicit", side: "resource" };

  const by = identity.allows ?? (caller.root ? { side: "identity", policy: "root" } : undefined);
  return by === undefined ? { allowed: false, because: "implicit", side: "identity" } : { allowed: true, by };
}

/** What the policies of one side say to a request: the first statement of each sort. */
interface Voice {
  denies?: Spoken;
  maySay?: Spoken;
  allows?: Spoken;
  delegates?: Spoken;
}

function hear(voice: Voice, policy: Policy, source: Pick<Spoken, "side" | "policy">, { action, resource, caller }: AccessRequest): void {
  for (const statement of policy.about(action)) {
    const relation = relationOf(statement.principals, caller);
    if (relation === "none" || !statement.reaches(resource)) continue;
    if (statement.notUnderstood.length > 0) voice.maySay ??= spoken(statement, source);
    else if (statement.effect === "Deny") voice.denies ??= spoken(statement, source);
    else if (relation === "direct") voice.allows ??= spoken(statement, source);
    else voice.delegates ??= spoken(statement, source);
  }
}

/**
 * How a statement's principals take in a caller. Naming the account speaks of its root user directly, and of everybody else in it only as far
 * as their identity policies go; a Deny on the account denies all of them.
 */
function relationOf({ anyone, accounts, arns }: Principals, caller: Caller): "direct" | "account" | "none" {
  if (anyone) return "direct";
  for (const arn of caller.arns) if (arns.has(arn)) return "direct";
  if (!accounts.has(caller.account)) return "none";
  return caller.root ? "direct" : "account";
}

function spoken({ number, sid, notUnderstood }: Statement, source: Pick<Spoken, "side" | "policy">): Spoken {
  const by = sid === undefined ? { ...source, statement: number } : { ...source, statement: number, sid };
  return notUnderstood.length === 0 ? by : { ...by, notUnderstood };
}
