import type { Policy } from "./document.ts";
import { evaluate } from "./evaluate.ts";
import { relationIn, speaks } from "./judge.ts";
import type { Relation } from "./relation.ts";
import { relationTo } from "./relation.ts";
import type { AccessRequest, Decision, Side } from "./request.ts";
import type { Statement, Wording } from "./statement.ts";
import type { Truth } from "./truth.ts";

/** One part of a statement: what it wants, what the request has, and whether the one is the other. */
export interface ExplainedPart {
  readonly part: "Principal" | "NotPrincipal" | "Resource" | "NotResource" | "Condition";
  /** Of a condition: its operator and key as the policy has them. */
  readonly operator?: string;
  readonly key?: string;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
  readonly matched: Truth;
}

/** A statement that covers the action, part by part; or a grant. */
export interface ExplainedStatement {
  readonly side: Side;
  readonly policy: string;
  /** Absent of a grant. */
  readonly statement?: number;
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** How near to the caller the name is that it gives; absent where it speaks of whoever the policy is attached to. */
  readonly relation?: Relation;
  readonly parts: readonly ExplainedPart[];
  /** All its parts together. */
  readonly speaks: Truth;
}

export interface Explanation {
  readonly decision: Decision;
  readonly statements: readonly ExplainedStatement[];
}

/**
 * Why a request is decided as it is: the decision, and every statement that covers the action, side by side and in their order, whether it
 * speaks of the request or not.
 *
 * Matches nothing by itself: each part is asked as {@link evaluate} asks it.
 */
export function explain(request: AccessRequest): Explanation {
  const { guardRails, keyPolicy, identityPolicies, boundary, sessionPolicies = [], granted = [], caller } = request;
  const policies: readonly (readonly [Side, string, Policy])[] = [
    ...(guardRails?.caller ?? []).map(({ name, policy }) => ["service-control", name, policy] as const),
    ...(guardRails?.resource ?? []).map(({ name, policy }) => ["resource-control", name, policy] as const),
    ...(keyPolicy === undefined ? [] : [["resource", "default", keyPolicy] as const]),
    ...identityPolicies.map(({ name, policy }) => ["identity", name, policy] as const),
    ...(boundary === undefined ? [] : [["boundary", boundary.name, boundary.policy] as const]),
    ...sessionPolicies.map(({ name, policy }) => ["session", name, policy] as const),
  ];
  const written = policies.flatMap(([side, name, policy]) => {
    const { denies, allows } = policy.about(request.action);
    return [...denies, ...allows]
      .sort((one, other) => one.number - other.number)
      .map((statement) => explained(statement, side, name, request));
  });
  const grants = granted.map(({ id, to }): ExplainedStatement => {
    const relation = relationTo(to, caller);
    const matched = relation === "none" ? "no" : "yes";
    const part: ExplainedPart = { part: "Principal", wanted: [to], found: namesOf(request), matched };
    return { side: "grant", policy: id, effect: "Allow", relation, parts: [part], speaks: matched };
  });
  return { decision: evaluate(request), statements: [...written, ...grants] };
}

function explained(statement: Statement, side: Side, policy: string, request: AccessRequest): ExplainedStatement {
  const { number, sid, effect, principals, resources, tests, reaches } = statement;
  const { resource, context } = request;
  const relation = relationIn(statement, request);
  const named = principals && {
    part: principals.except ? ("NotPrincipal" as const) : ("Principal" as const),
    wanted: principals.texts,
    found: meantIn(request),
    matched: relation === "none" ? ("no" as const) : ("yes" as const),
  };
  const reached = resources && { ...partOf(resources), found: [resource], matched: reaches(resource, context) };
  const held = tests.map(({ operator, key, wanted, found, holds }): ExplainedPart => {
    return { part: "Condition", operator, key, wanted, found: listOf(found(context)), matched: holds(context) };
  });
  return {
    side,
    policy,
    statement: number,
    ...(sid === undefined ? {} : { sid }),
    effect,
    ...(principals === undefined ? {} : { relation }),
    parts: [...(named ? [named] : []), ...(reached ? [reached] : []), ...held],
    speaks: relation === "none" ? "no" : speaks(statement, request),
  };
}

const partOf = ({ not, values }: Wording): Pick<ExplainedPart, "part" | "wanted"> => ({
  part: not ? "NotResource" : "Resource",
  wanted: values,
});

const namesOf = ({ caller: { arn, behind } }: AccessRequest): readonly string[] => (behind === undefined ? [arn] : [arn, behind]);

/** Those too under which the policy knows the caller from before. */
const meantIn = (request: AccessRequest): readonly string[] =>
  Array.from(new Set([...namesOf(request), ...(request.names?.own ?? []), ...(request.names?.behind ?? [])]));

const listOf = (found: string | readonly string[] | undefined): readonly string[] =>
  found === undefined ? [] : typeof found === "string" ? [found] : found;
