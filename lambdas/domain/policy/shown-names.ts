import { roleOfSession } from "../session-arn.ts";
import { print } from "./format.ts";
import { isList, isMembers, type Json, readJson } from "./json.ts";

/**
 * A policy as it is shown: whom it names has the ARN that it has now, and who is gone the unique id. One in which nothing has changed stays as it
 * was written.
 *
 * @param recorded the unique ids that were kept with the policy, by ARN. @param arnOf the present ARN of a unique id.
 * @see IAM User Guide, "AWS JSON policy elements: Principal": "the principal ID appears in the policy"
 */
export async function shownPolicy(
  text: string,
  recorded: Readonly<Record<string, string>>,
  arnOf: (uniqueId: string) => Promise<string | undefined>,
): Promise<string> {
  const now = new Map<string, string>();
  for (const [arn, id] of Object.entries(recorded)) if (!roleOfSession(arn)) now.set(arn, (await arnOf(id)) ?? id);
  const changed = Array.from(now).some(([then, present]) => then !== present);
  return changed ? print(renamed(readJson(text), now), "\n") : text;
}

interface Trusting {
  readonly trust: { readonly document: string; readonly principals: Readonly<Record<string, string>> };
}

/** A role whose trust policy is as it is shown. */
export async function shownRole<R extends Trusting>(role: R, arnOf: (uniqueId: string) => Promise<string | undefined>): Promise<R> {
  const { document, principals } = role.trust;
  return { ...role, trust: { ...role.trust, document: await shownPolicy(document, principals, arnOf) } };
}

const NAMING: readonly string[] = ["Principal", "NotPrincipal"];

function renamed(policy: Json, now: ReadonlyMap<string, string>): Json {
  const principal = (value: Json): Json => {
    if (typeof value === "string") return now.get(value) ?? value;
    if (isList(value)) return value.map(principal);
    return isMembers(value) ? new Map(Array.from(value, ([kind, of]) => [kind, kind === "AWS" ? principal(of) : of])) : value;
  };
  const statement = (value: Json): Json =>
    isMembers(value) ? new Map(Array.from(value, ([name, of]) => [name, NAMING.includes(name) ? principal(of) : of])) : value;
  if (!isMembers(policy)) return policy;
  const statements = (value: Json): Json => (isList(value) ? value.map(statement) : statement(value));
  return new Map(Array.from(policy, ([name, of]) => [name, name === "Statement" ? statements(of) : of]));
}
