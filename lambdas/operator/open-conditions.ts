import type { Policy } from "#domain/policy/document";
import type { AccessRequest, Context, Side } from "#domain/policy/evaluate";
import type { Statement } from "#domain/policy/statement";
import type { Truth } from "#domain/policy/truth";

/** Says of a condition key, in lower case, that only a call can tell its value. */
export type IsOpen = (key: string) => boolean;

/** What is believed of a part that asks for such a key, by where it stands. */
export type Belief = (effect: "Allow" | "Deny", side: Side) => Truth;

/** It is not known. A decision that allows holds whatever the call says. */
export const doubt: Belief = () => "unknown";
/** Each turns out in the caller's favour. A decision that refuses holds whatever the call says. */
export const hope: Belief = (effect) => (effect === "Allow" ? "yes" : "no");

/** The same request, asked of the same policies, where every part of a statement that asks for an open key is as believed. */
export function believing(request: AccessRequest, isOpen: IsOpen, belief: Belief): AccessRequest {
  const { keyPolicy, identityPolicies, boundary } = request;
  const policyOf = (policy: Policy, side: Side) => policyIn(policy, isOpen, (effect) => belief(effect, side));
  return {
    ...request,
    context: (key) => (isOpen(key) ? undefined : request.context(key)),
    ...(keyPolicy && { keyPolicy: policyOf(keyPolicy, "resource") }),
    identityPolicies: identityPolicies.map(({ name, policy }) => ({ name, policy: policyOf(policy, "identity") })),
    ...(boundary && { boundary: { name: boundary.name, policy: policyOf(boundary.policy, "boundary") } }),
  };
}

function policyIn(policy: Policy, isOpen: IsOpen, belief: (effect: "Allow" | "Deny") => Truth): Policy {
  const each = (statement: Statement) => statementIn(statement, isOpen, belief(statement.effect));
  return {
    ...policy,
    statements: policy.statements.map(each),
    about(action) {
      const { denies, allows, keys } = policy.about(action);
      return { denies: denies.map(each), allows: allows.map(each), keys };
    },
  };
}

function statementIn(statement: Statement, isOpen: IsOpen, believed: Truth): Statement {
  const { reaches, tests } = statement;
  return {
    ...statement,
    reaches: (resource, context) => judged((known) => reaches(resource, known), context),
    tests: tests.map((test) => ({ ...test, holds: (context) => judged(test.holds, context) })),
  };

  function judged(part: (context: Context) => Truth, context: Context): Truth {
    let open = false;
    const truth = part((key) => {
      open ||= isOpen(key);
      return isOpen(key) ? undefined : context(key);
    });
    return open ? believed : truth;
  }
}
