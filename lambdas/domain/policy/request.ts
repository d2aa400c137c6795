/** What is asked of the policies, and what they answer. */
import type { Policy } from "./document.ts";

/** Who calls. */
export interface Caller {
  /** Of a service or an identity provider, which belong to none, any. */
  readonly account: string;
  /** The user's, the session's (`arn:…:sts::…:assumed-role/Role/Session`), the federated user's or the root user's ARN; a service's name; a provider's ARN or name. */
  readonly arn: string;
  /** `provider`: an identity provider that vouches for somebody who has no identity here yet. */
  readonly kind: "root" | "user" | "role-session" | "federated-user" | "service" | "provider";
  /** Of a session: the ARN of the role, with its path, or of the user behind it. */
  readonly behind?: string;
}

/** The ARNs in a policy that mean a caller, which may have other names by now. */
export interface Names {
  /** The user, or the session. */
  readonly own: readonly string[];
  /** Of a session: who is behind it. */
  readonly behind: readonly string[];
}

/**
 * What a request says under a condition key, given in lower case: one value, several, or undefined when it has none.
 *
 * Pure; asked only when a statement asks. Truths are `true` and `false`, times ISO 8601 or seconds since 1970, bytes base64.
 */
export type Context = (key: string) => string | readonly string[] | undefined;

/** A right on the resource that no policy gives: it works like an Allow of the resource's side that names this principal. */
export interface Granted {
  readonly id: string;
  /** An ARN, an account's root ARN (then the account's identity policies decide), or a service principal. */
  readonly to: string;
}

export interface NamedPolicy {
  /** As the log names it: an ARN, or the name of an inline policy. */
  readonly name: string;
  readonly policy: Policy;
}

export interface AccessRequest {
  /** Such as `kms:Encrypt`. */
  readonly action: string;
  /** A key's ARN, an alias's, or `*`. */
  readonly resource: string;
  /** The account that owns the resource; for `*` the caller's own. */
  readonly resourceAccount: string;
  readonly caller: Caller;
  /** By which names the key policy means the caller. Absent: by those that it has now. */
  readonly names?: Names;
  /** The policy of the key; absent where identity policies alone decide: CreateKey, lists, aliases. */
  readonly keyPolicy?: Policy;
  /** The key policy can only deny (kms:RetireGrant). */
  readonly resourceOnlyDenies?: boolean;
  readonly identityPolicies: readonly NamedPolicy[];
  /** Present, even if empty, they limit: one of them must allow. */
  readonly sessionPolicies?: readonly NamedPolicy[];
  /** The permissions boundary: it must allow. */
  readonly boundary?: NamedPolicy;
  /**
   * Guard-rails of the organization. Of the caller's account (service control policies) one must allow; those of the resource's account
   * (resource control policies) can only deny, for AWS attaches RCPFullAWSAccess beside each.
   */
  readonly guardRails?: { readonly caller?: readonly NamedPolicy[]; readonly resource?: readonly NamedPolicy[] };
  readonly granted?: readonly Granted[];
  readonly context: Context;
}

/** Which policies spoke. */
export type Side = "identity" | "resource" | "session" | "boundary" | "service-control" | "resource-control" | "grant";

/** The statement that decided. */
export interface Spoken {
  readonly side: Side;
  /** `default` for the policy of a key, a grant's id, `root` for the root user's own right; otherwise the policy's name. */
  readonly policy: string;
  /** Its place in the document, from 1; absent for a grant and for the root user's own right. */
  readonly statement?: number;
  readonly sid?: string;
  /** What of it cannot be judged, such as `Condition kms:Unheard`. */
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
