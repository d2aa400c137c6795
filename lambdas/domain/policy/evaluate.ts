import { allowIn, denyIn, doubtsIn, relationIn, speaks } from "./judge.ts";
import { nearer, type Relation, relationTo } from "./relation.ts";
import type { AccessRequest, Decision, NamedPolicy, Refused, Side, Spoken } from "./request.ts";
import type { Statement } from "./statement.ts";
import type { Truth } from "./truth.ts";

export type { AccessRequest, Allowed, Caller, Context, Decision, Granted, NamedPolicy, Refused, Side, Spoken } from "./request.ts";

/**
 * Decides one request, in this order:
 *
 * 1. A Deny that speaks of it, on any side, refuses.
 * 2. A Deny of which that cannot be told, because it asks for what is not understood here, refuses.
 * 3. One of the service control policies must allow, where there are any.
 * 4. Within one account, the key policy and grants allow whom they name, within what bounds the caller as {@link Relation} says; if they name
 *    the account, the identity policies decide.
 * 5. Across accounts, they must name the caller or its account, and the identity policies must allow as well.
 * 6. Without a key policy, the identity policies decide, and never over another account's resource.
 * 7. Everything else is refused.
 *
 * @see IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic"; AWS KMS Developer Guide, "Key policies" and
 * "Allowing users in other accounts to use a KMS key"
 */
export function evaluate(request: AccessRequest): Decision {
  return denied(request, "yes") ?? denied(request, "unknown") ?? weigh(request);
}

function denied(request: AccessRequest, claim: Truth): Refused | undefined {
  const { guardRails, keyPolicy, identityPolicies, boundary, sessionPolicies } = request;
  return (
    deniedByAny(guardRails?.caller, "service-control", request, claim) ??
    deniedByAny(guardRails?.resource, "resource-control", request, claim) ??
    (keyPolicy && deniedBy({ name: "default", policy: keyPolicy }, "resource", request, claim)) ??
    deniedByAny(identityPolicies, "identity", request, claim) ??
    (boundary && deniedBy(boundary, "boundary", request, claim)) ??
    deniedByAny(sessionPolicies, "session", request, claim)
  );
}

function deniedByAny(policies: readonly NamedPolicy[] | undefined, side: Side, request: AccessRequest, claim: Truth): Refused | undefined {
  if (policies === undefined) return undefined;
  for (const policy of policies) {
    const refused = deniedBy(policy, side, request, claim);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function deniedBy({ name, policy }: NamedPolicy, side: Side, request: AccessRequest, claim: Truth): Refused | undefined {
  const statement = denyIn(policy, request, claim);
  if (statement === undefined) return undefined;
  const by = spoken(statement, side, name);
  return claim === "yes"
    ? { allowed: false, because: "explicit-deny", side, by }
    : { allowed: false, because: "not-understood", side, by: { ...by, notUnderstood: doubtsIn(statement, request) } };
}

function weigh(request: AccessRequest): Decision {
  const { caller, resourceAccount, keyPolicy, granted, guardRails } = request;
  if (guardRails?.caller?.length && allowedByAny(guardRails.caller, request) === undefined) return implicit("service-control");

  const outsider = caller.kind === "service" || caller.kind === "provider";
  const own = outsider || caller.account === resourceAccount;
  if (keyPolicy === undefined && granted === undefined) return own ? byIdentity(request) : implicit("resource");

  const title = nearestTitle(request);
  if (title === undefined) return implicit("resource");
  if (!own || title.relation === "account") return byIdentity(request);
  const limit = title.relation === "direct" ? undefined : limitOn(request);
  return limit === undefined ? { allowed: true, by: spokenFor(title) } : implicit(limit);
}

/** What the resource's side says for the caller: a statement of the key policy, or a grant. */
interface Title {
  readonly relation: Relation;
  readonly by: Statement | string;
}

/** The nearest there is, for it is never more limited than one that is farther; of equal ones the first, the key policy's before a grant. */
function nearestTitle(request: AccessRequest): Title | undefined {
  const { action, caller, keyPolicy, resourceOnlyDenies, granted } = request;
  let relation: Relation = "none";
  let by: Statement | string | undefined;
  if (keyPolicy !== undefined && resourceOnlyDenies !== true) {
    for (const statement of keyPolicy.about(action).allows) {
      const given = relationIn(statement, request);
      if (!nearer(given, relation) || speaks(statement, request) !== "yes") continue;
      relation = given;
      by = statement;
    }
  }
  if (granted !== undefined) {
    for (const { id, to } of granted) {
      const given = relationTo(to, caller);
      if (!nearer(given, relation)) continue;
      relation = given;
      by = id;
    }
  }
  return by === undefined ? undefined : { relation, by };
}

/** The identity policies allow, and what limits them; the root user needs none. */
function byIdentity(request: AccessRequest): Decision {
  const { caller, identityPolicies } = request;
  const own = caller.kind === "root" ? ROOT : allowedByAny(identityPolicies, request);
  if (own === undefined) return implicit("identity");
  const limit = limitOn(request);
  return limit === undefined ? { allowed: true, by: own } : implicit(limit);
}

const ROOT: Spoken = { side: "identity", policy: "root" };

function allowedByAny(policies: readonly NamedPolicy[], request: AccessRequest): Spoken | undefined {
  for (const { name, policy } of policies) {
    const statement = allowIn(policy, request);
    if (statement !== undefined) return spoken(statement, "identity", name);
  }
  return undefined;
}

/** What stands in the way of an Allow that names who is behind a session, or that the identity policies give. */
function limitOn(request: AccessRequest): Side | undefined {
  const { boundary, sessionPolicies } = request;
  if (boundary !== undefined && allowIn(boundary.policy, request) === undefined) return "boundary";
  const held = sessionPolicies === undefined || sessionPolicies.some(({ policy }) => allowIn(policy, request) !== undefined);
  return held ? undefined : "session";
}

const implicit = (side: Side): Refused => ({ allowed: false, because: "implicit", side });

const spokenFor = ({ by }: Title): Spoken => (typeof by === "string" ? { side: "grant", policy: by } : spoken(by, "resource", "default"));

function spoken({ number, sid }: Statement, side: Side, policy: string): Spoken {
  return sid === undefined ? { side, policy, statement: number } : { side, policy, statement: number, sid };
}
