import type { Caller, NamedPolicy } from "./policy/evaluate.ts";
import type { Session } from "./session.ts";
import type { WebIdentity } from "./web-identity.ts";

/** Whose call it is: a value, made once by `authenticate`. */
export interface Principal {
  readonly kind: Caller["kind"];
  readonly account: string;
  readonly arn: string;
  /** The unique id: `AIDA…` of a user, the account of its root, `AROA…:name` of a role's session. */
  readonly id: string;
  /** Of a user. */
  readonly name?: string;
  readonly accessKeyId?: string;
  /** The policies attached to it, compiled. */
  readonly policies: readonly NamedPolicy[];
  /** Of a session: the ARN of the role, with its path, or of the user behind it. */
  readonly behind?: string;
  /** Of a session that was made with some: it may no more than they allow. */
  readonly sessionPolicies?: readonly NamedPolicy[];
  /** The permissions boundary. */
  readonly boundary?: NamedPolicy;
  /** Of the user or role, and of its session, which count first. */
  readonly tags?: ReadonlyMap<string, string>;
  /** Of one that acts by temporary credentials. */
  readonly session?: Session;
  /** The service that calls on this principal's behalf, by what it was handed. */
  readonly via?: string;
  /** Of a service that calls as itself: the resource that it calls for. */
  readonly source?: { readonly arn?: string; readonly account?: string };
  /** Of one whom an identity provider vouches for. */
  readonly vouched?: WebIdentity;
}

/** The unique id under which policies keep whom they name: of the user or role that is behind a session. */
export const uniqueIdOf = ({ id, session }: Pick<Principal, "id" | "session">): string => session?.issuer.id ?? id.split(":", 1)[0] ?? id;
