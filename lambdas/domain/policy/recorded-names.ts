import { type Principal, uniqueIdOf } from "../principal.ts";
import { roleOfSession } from "../session-arn.ts";
import type { Names } from "./request.ts";

/**
 * The names by which a policy means a caller: those that it had when the policy was written, and its present one only where nobody had it then.
 *
 * A policy means principals, not names: who is renamed takes along what it says of them, and who takes a name over gets nothing of it. A
 * session's own ARN means it only while its role is the one that it was.
 * @param recorded the unique ids that were kept with the policy, by ARN; of a session, its role's.
 * @returns undefined when the present names are all that count.
 * @see IAM User Guide, "AWS JSON policy elements: Principal", "the principal ID"
 */
export function recordedNames(
  recorded: Readonly<Record<string, string>>,
  caller: Pick<Principal, "kind" | "arn" | "behind" | "id" | "session">,
): Names | undefined {
  const entries = Object.entries(recorded);
  if (entries.length === 0) return undefined;
  const { kind, arn, behind } = caller;
  const id = uniqueIdOf(caller);
  const carried = entries.flatMap(([name, of]) => (of === id && roleOfSession(name) === undefined ? [name] : []));
  const withPresent = (name: string | undefined) => (name === undefined || recorded[name] !== undefined ? carried : [...carried, name]);
  if (kind === "user") return { own: withPresent(arn), behind: [] };
  return {
    own: recorded[arn] === undefined || recorded[arn] === id ? [arn] : [],
    behind: behind === undefined ? [] : withPresent(behind),
  };
}
