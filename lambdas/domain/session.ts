/**
 * Sessions: who acts by temporary credentials, until when, and within what bounds. All that there is of one is in its token.
 * @see IAM User Guide, "Temporary security credentials in IAM"
 */

import type { EntityTag } from "./entity-tags.ts";
import { tagNames } from "./entity-tags.ts";
import { Fault } from "./fault.ts";
import type { Principal } from "./principal.ts";

export interface Session {
  /** `role`: somebody assumed one; `user`: a user acts as itself; `federated-user`: somebody acts for a user, within a policy. */
  readonly kind: "role" | "user" | "federated-user";
  readonly partition: string;
  readonly account: string;
  /** The role or user behind it: it is looked up with every call, and must be the same one. */
  readonly issuer: SessionIssuer;
  /** Of a role's session and of a federated user. */
  readonly name?: string;
  /** To the second. */
  readonly issued: Date;
  readonly expires: Date;
  /** The policy that was passed, without white space. */
  readonly policy?: string;
  readonly policyArns: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
  /** The names of those tags that go on to the next role of a chain. */
  readonly transitive: readonly string[];
  readonly sourceIdentity?: string;
  /** The role was assumed by a session of a role. */
  readonly chained: boolean;
  /** The ARN of the identity provider that vouched for whoever assumed the role. */
  readonly provider?: string;
}

export interface SessionIssuer {
  readonly type: "Role" | "IAMUser" | "Root";
  /** The unique id; of the root user, the account. */
  readonly id: string;
  /** As it was when the session was made; empty for the root user. */
  readonly name: string;
}

/** What a caller is given. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
}

/** Seconds. @see STS API Reference, "AssumeRole", "GetSessionToken", "GetFederationToken" */
export const USUAL_ROLE_SESSION = 3600;
export const USUAL_USER_SESSION = 43_200;
const CHAINED = 3600;
const OF_ROOT = 3600;

/** @throws {Fault} ValidationException */
export function requireRoleDuration(seconds: number, { longestSession }: { readonly longestSession: number }, chained: boolean): void {
  if (seconds > longestSession)
    throw new Fault("ValidationException", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  if (chained && seconds > CHAINED)
    throw new Fault(
      "ValidationException",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
}

/** "The duration for AWS account owners is restricted to a maximum of 3,600 seconds": a longer one is cut. */
export const userDuration = (seconds: number, { kind }: Principal): number => (kind === "root" ? Math.min(seconds, OF_ROOT) : seconds);

/** From the second that has begun. */
export function lifeOf(now: Date, seconds: number): Pick<Session, "issued" | "expires"> {
  const begun = Math.floor(now.getTime() / 1000);
  return { issued: new Date(begun * 1000), expires: new Date((begun + seconds) * 1000) };
}

/** Who asks for a session of its own, or for a federated user's: a user or the root user, and no session. */
export function issuerOf({ kind, id, name = "", session }: Principal, operation: string): SessionIssuer {
  if (session || (kind !== "user" && kind !== "root"))
    throw new Fault("AccessDeniedException", `Cannot call ${operation} with session credentials`);
  return kind === "root" ? { type: "Root", id, name: "" } : { type: "IAMUser", id, name };
}

/** No MFA device can be registered here, so none is anybody's. */
export function requireNoMfa({
  SerialNumber: serial,
  TokenCode: code,
}: {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
}): void {
  if (serial === undefined && code === undefined) return;
  throw new Fault(
    "AccessDeniedException",
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
  );
}

/** What a role's session takes over from the session that assumes it. */
export type Inherited = Pick<Session, "tags" | "transitive"> & Pick<Partial<Session>, "sourceIdentity">;

/**
 * The tags and the source identity of a session: those that are passed, and those that the caller's session hands on, which cannot be changed.
 * @throws {Fault} ValidationException (AWS's texts are UNVERIFIED)
 * @see IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles"
 */
export function passedOn(
  {
    tags = [],
    transitive = [],
    sourceIdentity,
  }: {
    readonly tags?: readonly EntityTag[] | undefined;
    readonly transitive?: readonly string[] | undefined;
    readonly sourceIdentity?: string | undefined;
  },
  from: Session | undefined,
): Inherited {
  const lower = tagNames(tags).map((name) => name.toLowerCase());
  if (new Set(lower).size < lower.length) throw invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  if (lower.some((name) => name.startsWith("aws:"))) throw invalid("aws: prefixed tag key names are not allowed for external use.");
  if (transitive.some((name) => !lower.includes(name.toLowerCase())))
    throw invalid("The specified transitive tag key must be included in the requested tags.");
  const kept = Array.from(from?.tags ?? []).filter(([name]) => from?.transitive.includes(name));
  if (kept.some(([name]) => lower.includes(name.toLowerCase())))
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  if (from?.sourceIdentity !== undefined && sourceIdentity !== undefined && sourceIdentity !== from.sourceIdentity)
    throw new Fault("AccessDeniedException", "SourceIdentity cannot be changed once it is set for a session.");
  const named = sourceIdentity ?? from?.sourceIdentity;
  return {
    tags: new Map([...kept, ...tags.map(({ Key, Value }) => [Key, Value] as const)]),
    transitive: [
      ...kept.map(([name]) => name),
      ...tagNames(tags).filter((name) => transitive.some((wanted) => wanted.toLowerCase() === name.toLowerCase())),
    ],
    ...(named !== undefined && { sourceIdentity: named }),
  };
}

const invalid = (text: string): Fault => new Fault("ValidationException", text);
