import type { Principals } from "./principal.ts";
import type { Caller } from "./request.ts";

/**
 * How far the name that a statement gives somebody takes in a caller, the nearest first. What an Allow of the resource's side gives:
 *
 * - `direct`: everything. The caller's own ARN, everyone, the root user by the account, a service, an identity provider.
 * - `behind`: everything within the session's policies and the boundary. The role behind a session or the user behind a federated one; and
 *   everybody but those whom NotPrincipal names, of which AWS says nothing.
 * - `account`: what the account's identity policies allow.
 *
 * A Deny speaks of all but `none`.
 * @see IAM User Guide, "Policy evaluation logic", "Resource-based policies and implicit denies in other policy types"
 */
export type Relation = "direct" | "behind" | "account" | "none";

const NEAREST: readonly Relation[] = ["direct", "behind", "account", "none"];

/** The first is nearer than the second. */
export const nearer = (one: Relation, other: Relation): boolean => NEAREST.indexOf(one) < NEAREST.indexOf(other);

/** @param bears false of a name in the policy that somebody else bore when it was written. */
export function relationOf(
  principals: Principals,
  effect: "Allow" | "Deny",
  caller: Caller,
  bears: (arn: string) => boolean = everyName,
): Relation {
  if (principals.except) return isExcepted(principals, effect, caller, bears) ? "none" : effect === "Deny" ? "direct" : "behind";
  if (principals.anyone) return "direct";
  switch (caller.kind) {
    case "service":
      return principals.services.has(caller.arn) ? "direct" : "none";
    case "provider":
      return principals.providers.has(caller.arn) ? "direct" : "none";
    case "root":
      return principals.accounts.has(caller.account) ? "direct" : "none";
    case "user":
    case "role-session":
    case "federated-user":
      return relationOfIdentity(principals, caller, bears);
  }
}

/** The same for a right that is not written in a policy, by whom it is given to. */
export function relationTo(to: string, caller: Caller): Relation {
  const account = /^arn:[^:]*:iam::(\d{12}):root$/.exec(to)?.[1];
  if (account !== undefined) {
    if (account !== caller.account || caller.kind === "service" || caller.kind === "provider") return "none";
    return caller.kind === "root" ? "direct" : "account";
  }
  if (to === caller.arn) return "direct";
  return to === caller.behind ? "behind" : "none";
}

const everyName = (): boolean => true;

function relationOfIdentity({ accounts, arns }: Principals, { account, arn, behind }: Caller, bears: (arn: string) => boolean): Relation {
  if (arns.has(arn) && bears(arn)) return "direct";
  if (behind !== undefined && arns.has(behind) && bears(behind)) return "behind";
  return accounts.has(account) ? "account" : "none";
}

/**
 * Whether NotPrincipal names the caller.
 *
 * "AWS might validate the account first, then the role, and then the assumed-role user": a Deny spares only whom it names in each of these. An
 * Allow leaves out whom it names in any of them.
 * @see IAM User Guide, "AWS JSON policy elements: NotPrincipal"
 */
function isExcepted(principals: Principals, effect: "Allow" | "Deny", caller: Caller, bears: (arn: string) => boolean): boolean {
  const { anyone, accounts, arns, services, providers } = principals;
  if (anyone) return true;
  if (caller.kind === "service") return services.has(caller.arn);
  if (caller.kind === "provider") return providers.has(caller.arn);
  const names = [accounts.has(caller.account)];
  if (caller.kind !== "root") names.push(arns.has(caller.arn) && bears(caller.arn));
  if (caller.behind !== undefined) names.push(arns.has(caller.behind) && bears(caller.behind));
  return effect === "Deny" ? !names.includes(false) : names.includes(true);
}
