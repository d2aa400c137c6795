import type { Principals } from "./principal.ts";
import type { Caller, Names } from "./request.ts";

/**
 * How far the name that a statement gives somebody takes in a caller, the nearest first. What an Allow of the resource's side gives:
 *
 * - `direct`: everything. The caller's own ARN, everyone who is no session, the root user by the account, a service, an identity provider.
 * - `behind`: everything within the session's policies and the boundary. The role behind a session or the user behind a federated one; everyone;
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

/** @param names by which the policy means the caller; absent: by those that it has now. */
export function relationOf(principals: Principals, effect: "Allow" | "Deny", caller: Caller, names?: Names): Relation {
  if (principals.except) return isExcepted(principals, effect, caller, names) ? "none" : effect === "Deny" ? "direct" : "behind";
  // Everybody names nobody in particular: a session that was made to do less does not do more by it.
  if (principals.anyone) return effect === "Allow" && caller.behind !== undefined ? "behind" : "direct";
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
      return relationOfIdentity(principals, caller, names);
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

function relationOfIdentity({ accounts, arns }: Principals, caller: Caller, names: Names | undefined): Relation {
  if (namesItself(arns, caller, names)) return "direct";
  if (namesBehind(arns, caller, names)) return "behind";
  return accounts.has(caller.account) ? "account" : "none";
}

const namesItself = (arns: ReadonlySet<string>, { arn }: Caller, names: Names | undefined): boolean =>
  names === undefined ? arns.has(arn) : hasAny(arns, names.own);

const namesBehind = (arns: ReadonlySet<string>, { behind }: Caller, names: Names | undefined): boolean =>
  behind !== undefined && (names === undefined ? arns.has(behind) : hasAny(arns, names.behind));

function hasAny(arns: ReadonlySet<string>, names: readonly string[]): boolean {
  for (const name of names) if (arns.has(name)) return true;
  return false;
}

/**
 * Whether NotPrincipal names the caller.
 *
 * "AWS might validate the account first, then the role, and then the assumed-role user": a Deny spares only whom it names in each of these. An
 * Allow leaves out whom it names in any of them.
 * @see IAM User Guide, "AWS JSON policy elements: NotPrincipal"
 */
function isExcepted(principals: Principals, effect: "Allow" | "Deny", caller: Caller, names: Names | undefined): boolean {
  const { anyone, accounts, arns, services, providers } = principals;
  if (anyone) return true;
  if (caller.kind === "service") return services.has(caller.arn);
  if (caller.kind === "provider") return providers.has(caller.arn);
  const named = [accounts.has(caller.account)];
  if (caller.kind !== "root") named.push(namesItself(arns, caller, names));
  if (caller.behind !== undefined) named.push(namesBehind(arns, caller, names));
  return effect === "Deny" ? !named.includes(false) : named.includes(true);
}
