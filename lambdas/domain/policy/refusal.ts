import { Fault } from "#domain/fault";
import type { Refused, Side } from "./request.ts";

/** What a refused caller already knows. */
export interface Refusal {
  /** The user's ARN, or the session's. */
  readonly callerArn: string;
  readonly action: string;
  /** As the caller could know it: the key's ARN, the alias's, or `*`. */
  readonly resource: string;
  /** The resource is, or would be, another account's. */
  readonly foreign: boolean;
}

/** What AWS calls the policies of each side. A grant never refuses; the resource's side does. */
const POLICIES: Readonly<Record<Side, string>> = {
  identity: "identity-based policy",
  resource: "resource-based policy",
  grant: "resource-based policy",
  session: "session policy",
  boundary: "permissions boundary",
  "service-control": "service control policy",
  "resource-control": "resource control policy",
};

/**
 * AccessDeniedException in AWS's words. A refused caller learns which sort of policy is missing, never what the policies say.
 *
 * Of another account's key one text says everything, whatever the reason, so that nobody learns whether the key exists. A statement that is
 * not understood reads like one that is missing.
 * @see IAM User Guide, "Troubleshoot access denied error messages"
 */
export function refusal(decision: Refused, { callerArn, action, resource, foreign }: Refusal): Fault {
  const beginning = `User: ${callerArn} is not authorized to perform: ${action} on`;
  if (foreign) {
    return denied(
      `${beginning} this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
  }
  const policy = POLICIES[decision.side];
  return decision.because === "explicit-deny"
    ? denied(`${beginning} resource: ${resource} with an explicit deny in ${policy.startsWith("i") ? "an" : "a"} ${policy}`)
    : denied(`${beginning} resource: ${resource} because no ${policy} allows the ${action} action`);
}

function denied(text: string): Fault {
  return new Fault("AccessDeniedException", text);
}
