import type { Refused, Side, Spoken } from "#domain/policy/evaluate";

const NAMES: Readonly<Record<Exclude<Side, "resource" | "grant">, string>> = {
  identity: "the identity policy",
  session: "the session policy",
  boundary: "the permissions boundary",
  "service-control": "the service control policy",
  "resource-control": "the resource control policy",
};

/** Where something is said: which statement of which policy, or which grant. */
export function placeOf({ side, policy, statement, sid }: Pick<Spoken, "side" | "policy" | "statement" | "sid">): string {
  if (side === "grant") return `the grant ${policy}`;
  if (side === "identity" && statement === undefined) return "the root user's own right";
  const document = side === "resource" ? "the key policy" : `${NAMES[side]} ${policy}`;
  return `${document}, statement ${statement}${sid === undefined || sid === "" ? "" : ` ${JSON.stringify(sid)}`}`;
}

/** What refuses, in words. */
export function becauseOf(refused: Refused): string {
  if (refused.because === "explicit-deny") return `refused by ${placeOf(refused.by)}`;
  if (refused.because === "not-understood")
    return `refused by ${placeOf(refused.by)}, of which is not understood: ${refused.by.notUnderstood?.join(", ")}`;
  return "refused for want of an Allow";
}
