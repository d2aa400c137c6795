import type { Verdict } from "./simulation.ts";

/** A verdict of the policy simulator as its operations answer it. */
export function resultOf({ action, resource, decision, by, missing, withinBoundary }: Verdict) {
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    MatchedStatements: by === undefined ? [] : [{ SourcePolicyId: by, SourcePolicyType: typeOf(by) }],
    MissingContextValues: missing,
    ...(withinBoundary !== undefined && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: withinBoundary } }),
  };
}

/** As the simulator calls the kinds of policies; one that was passed in is of none. */
function typeOf(policy: string): "aws-managed" | "user-managed" | "resource" | "none" {
  if (policy === "default") return "resource";
  if (!policy.startsWith("arn:")) return "none";
  return policy.includes(":iam::aws:") ? "aws-managed" : "user-managed";
}
