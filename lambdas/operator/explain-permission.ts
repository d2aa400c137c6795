import { rootArn } from "#domain/arn";
import { grantOperationOf } from "#domain/grant";
import type { AccessRequest, Side } from "#domain/policy/evaluate";
import { type ExplainedPart, type ExplainedStatement, explain } from "#domain/policy/explain";
import type { Principal } from "#domain/principal";
import type { Place, Question } from "#pipeline/again";
import { nearGrants } from "./near-grants.ts";
import { becauseOf, placeOf } from "./say.ts";

/** A part of a statement or grant that is not as the request is. */
export interface Miss {
  /** Such as `Principal`, `Condition StringEquals kms:ViaService`, `Operations`. */
  readonly part: string;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
  /** It cannot be judged: it asks for what is not understood here. */
  readonly unknown?: true;
}

/** A statement that covers the action, or a grant to the caller on the key. */
export interface Voice {
  /** Such as `the key policy, statement 1 "Allow use"`. */
  readonly where: string;
  readonly effect: "Allow" | "Deny";
  /** It names the account, so that the identity policies decide. */
  readonly toAccount?: true;
  /** Empty of one that speaks of the request. */
  readonly misses: readonly Miss[];
}

/** Why one permission is given or refused. */
export interface ExplainedPermission {
  readonly permission: string;
  readonly resource: string;
  readonly allowed: boolean;
  /** The statement or grant that gives it, or what refuses. */
  readonly because: string;
  readonly spoke: readonly Voice[];
  readonly nearly: readonly Voice[];
  readonly missing: readonly string[];
}

/** Nothing is decided here: the decision is the question's, and each part of a statement was asked as it is for a decision. */
export async function explainPermission(question: Question, caller: Principal, place: Place): Promise<ExplainedPermission> {
  const { request, decision } = question;
  const { statements } = explain(request);
  const voices = [...statements.map(voiceOf), ...(await nearGrants(question, caller, place))];
  return {
    permission: request.action,
    resource: request.resource,
    allowed: decision.allowed,
    because: decision.allowed ? `allowed by ${placeOf(decision.by)}` : becauseOf(decision),
    spoke: voices.filter(({ misses }) => misses.length === 0),
    nearly: voices.filter(({ misses }) => misses.length > 0),
    missing: decision.allowed || decision.because !== "implicit" ? [] : missingFrom(decision.side, request, statements),
  };
}

function voiceOf(explained: ExplainedStatement): Voice {
  const { effect, relation, parts, speaks } = explained;
  const misses = speaks === "yes" ? [] : parts.filter(({ matched }) => matched !== "yes").map(missOf);
  return { where: placeOf(explained), effect, ...(relation === "account" && { toAccount: true }), misses };
}

const missOf = ({ part, operator, key, wanted, found, matched }: ExplainedPart): Miss => ({
  part: part === "Condition" ? `Condition ${operator} ${key}` : part,
  wanted,
  found,
  ...(matched === "unknown" && { unknown: true }),
});

/** What there would have to be, when no Deny is in the way and nothing allows. */
function missingFrom(side: Side, request: AccessRequest, statements: readonly ExplainedStatement[]): readonly string[] {
  const { action, resource, caller, keyPolicy, resourceAccount, resourceOnlyDenies } = request;
  const operation = keyPolicy && !resourceOnlyDenies && grantOperationOf(action);
  const grant = operation ? [`No grant lets ${caller.arn} call ${operation}.`] : [];
  switch (side) {
    case "resource": {
      if (resourceOnlyDenies) return [`Neither does the grant name ${caller.arn} to retire it, nor is it of the caller's account.`];
      if (!keyPolicy) return [`${resource} is of the account ${resourceAccount}, whose keys alone can be used by others.`];
      const root = rootArn(resource.split(":")[3] ?? "", caller.account);
      const names = statements.some((each) => each.side === "resource" && each.effect === "Allow" && each.relation === "account");
      return [
        `The key policy does not allow ${action} to ${caller.arn}.`,
        names
          ? `The key policy names the account ${caller.account}, but that statement does not speak of this request.`
          : `The key policy does not name the account (${root}) for ${action}, so that no identity policy can allow it.`,
        ...grant,
      ];
    }
    case "identity":
      return [
        `No identity policy of ${caller.arn} allows ${action} on ${resource}.`,
        ...(caller.account === resourceAccount ? [] : [`The key is of the account ${resourceAccount}: both sides must allow.`]),
        ...grant,
      ];
    case "boundary":
      return [`The permissions boundary ${request.boundary?.name} does not allow ${action} on ${resource}.`];
    case "session":
      return [`No policy of the session allows ${action} on ${resource}.`];
    default:
      return [`A ${side} policy does not allow ${action} on ${resource}.`];
  }
}
