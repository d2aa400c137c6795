import type { Policy } from "./document.ts";
import { type Relation, relationOf } from "./relation.ts";
import type { AccessRequest } from "./request.ts";
import type { Statement } from "./statement.ts";
import { allOf, type Truth } from "./truth.ts";

/** How a statement names the caller. Only those of the key policy ask which names are meant. */
export function relationIn({ principals, effect }: Statement, { caller, names }: AccessRequest): Relation {
  return principals === undefined ? "direct" : relationOf(principals, effect, caller, names);
}

/** Whether a statement that covers the action, and names the caller, speaks of the request. */
export function speaks({ reaches, tests }: Statement, { resource, context }: AccessRequest): Truth {
  const reached = reaches(resource, context);
  if (reached === "no" || tests.length === 0) return reached;
  const held = allOf(tests, ({ holds }) => holds(context));
  return held === "yes" ? reached : held;
}

/** The first Deny of which this can be said. */
export function denyIn(policy: Policy, request: AccessRequest, claim: Truth): Statement | undefined {
  for (const statement of policy.about(request.action).denies) {
    if (relationIn(statement, request) !== "none" && speaks(statement, request) === claim) return statement;
  }
  return undefined;
}

/** The first Allow that speaks of the request, for policies that are attached to the caller. */
export function allowIn(policy: Policy, request: AccessRequest): Statement | undefined {
  for (const statement of policy.about(request.action).allows) if (speaks(statement, request) === "yes") return statement;
  return undefined;
}

/** What of a statement cannot be judged, as the operator's log names it. */
export function doubtsIn({ reaches, tests }: Statement, { resource, context }: AccessRequest): readonly string[] {
  return [
    ...(reaches(resource, context) === "unknown" ? ["Resource"] : []),
    ...tests.filter(({ holds }) => holds(context) === "unknown").map(({ operator, key }) => `Condition ${operator} ${key}`),
  ];
}
