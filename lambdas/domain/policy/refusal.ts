import { Fault } from "#domain/fault";
import type { Refused, Side } from "./evaluate.ts";

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

const KINDS: Record<Side, string> = { identity: "identity-based", resource: "resource-based" };

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
  const kind = KINDS[decision.side];
  return decision.because === "explicit-deny"
    ? denied(`${beginning} resource: ${resource} with an explicit deny in ${kind === "identity-based" ? "an" : "a"} ${kind} policy`)
    : denied(`${beginning} resource: ${resource} because no ${kind} policy allows the ${action} action`);
}

function denied(text: string): Fault {
  return new Fault("AccessDeniedException", text);
}
