import { compilePolicy } from "./compile.ts";
import { parsePolicy, readPolicy } from "./document.ts";
import { malformed } from "./malformed.ts";
import type { AccessRequest, Caller, NamedPolicy } from "./request.ts";

/** `scp`: a service control policy, which binds an account's principals; `rcp`: a resource control policy, which binds its resources. */
export type GuardRailKind = "scp" | "rcp";
export const GUARD_RAIL_KINDS: readonly GuardRailKind[] = ["scp", "rcp"];

/** What the organization lets nobody in an account do, or nobody do with what is the account's. It never allows anything by itself. */
export interface GuardRail {
  readonly name: string;
  readonly kind: GuardRailKind;
  readonly document: string;
}

/** Of each kind, in an account. @see AWS Organizations User Guide, "Quotas for AWS Organizations" */
export const GUARD_RAILS_OF_A_KIND = 5;
const LARGEST = 5120;

/**
 * Refuses what is no guard-rail of its kind: a service control policy names nobody; a resource control policy names everybody and only denies.
 * @throws {Fault} MalformedPolicyDocumentException, LimitExceededException
 * @see AWS Organizations User Guide, "SCP syntax", "RCP syntax"
 */
export function requireGuardRail(document: string, kind: GuardRailKind): void {
  const { statements } = parsePolicy(document, "guard-rail", { largest: LARGEST });
  const written: readonly object[] = [JSON.parse(document).Statement].flat();
  const names = (statement: object) => "Principal" in statement;
  if (kind === "scp" && written.some(names)) throw malformed("A service control policy has no Principal.");
  if (kind === "scp") return;
  if (!written.every(names)) throw malformed('Each statement of a resource control policy has the Principal "*".');
  if (statements.some(({ effect }) => effect === "Allow")) throw malformed("A resource control policy only denies.");
}

/**
 * The guard-rails of one request: `own` are those of the caller's account, `others` those of the resource's.
 *
 * Services and identity providers are in no account, so that no service control policy binds them. The root user is bound, that of the first
 * account too: AWS exempts the management account, which is where its operator sits, and Trent's operator is in none.
 */
export function guardRailsOf(
  action: string,
  { kind }: Caller,
  own: readonly GuardRail[] = [],
  others: readonly GuardRail[] = [],
): Pick<AccessRequest, "guardRails"> {
  const isOutsider = kind === "service" || kind === "provider";
  const caller = isOutsider ? [] : besideFullAccess(own.filter((rail) => rail.kind === "scp").map(read));
  const resource = isUnderControl(action) ? others.filter((rail) => rail.kind === "rcp").map(read) : [];
  if (caller.length === 0 && resource.length === 0) return {};
  return { guardRails: { ...(caller.length > 0 && { caller }), ...(resource.length > 0 && { resource }) } };
}

/** "Services that support RCPs", of which IAM is none; "RCPs do not impact … the kms:RetireGrant permission" (Organizations User Guide). */
const isUnderControl = (action: string): boolean => /^(kms|sts):/.test(action) && action !== "kms:RetireGrant";

const read = ({ name, document }: GuardRail): NamedPolicy => ({ name, policy: compilePolicy(document, "guard-rail") });

const FULL_ACCESS: NamedPolicy = {
  name: "FullAWSAccess",
  policy: readPolicy('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}', "guard-rail"),
};

/** Service control policies that only deny: AWS attaches FullAWSAccess beside them, without which they would leave nothing allowed. */
const besideFullAccess = (policies: readonly NamedPolicy[]): readonly NamedPolicy[] =>
  policies.length === 0 || policies.some(({ policy }) => policy.statements.some(({ effect }) => effect === "Allow"))
    ? policies
    : [...policies, FULL_ACCESS];
