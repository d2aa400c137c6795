import { readCondition, type Test } from "./condition.ts";
import type { Dialect } from "./dialect.ts";
import { isMembers, type Json, type JsonMembers } from "./json.ts";
import { malformed } from "./malformed.ts";
import { type Principal, type Principals, principalsAmong, readPrincipals } from "./principal.ts";
import { anyResource, type Reach, readResource } from "./resource.ts";
import { stringsOf } from "./strings.ts";
import { not } from "./truth.ts";
import { anyPattern, type Matcher } from "./wildcard.ts";

/** An element that stands as it is or with `Not` before its name. */
export interface Wording {
  readonly not: boolean;
  readonly values: readonly string[];
}

/** One statement, ready to be asked. Each part answers for itself; the statement speaks when all of them do. */
export interface Statement {
  /** Its place in the document, from 1. */
  readonly number: number;
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** Whom it speaks of; absent: whoever the policy is attached to. */
  readonly principals?: Principals;
  readonly actions: Wording;
  /** Covers this action, given in lower case. */
  readonly covers: Matcher;
  /** Absent in the trust policy of a role, which speaks of that role. */
  readonly resources?: Wording;
  readonly reaches: Reach;
  readonly tests: readonly Test[];
  /** The condition keys that it asks for, in lower case, those of variables too. */
  readonly keys: readonly string[];
}

const ELEMENTS = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/**
 * Reads one statement and compiles its matchers.
 *
 * Refuses unknown elements, an element together with its opposite, and one that is missing.
 * @param named collects the principals of the document.
 * @see IAM User Guide, "Grammar of the IAM JSON policy language"; AWS KMS Developer Guide, "Creating a key policy"
 */
export function readStatement(element: Json, number: number, dialect: Dialect, named: Principal[]): Statement {
  if (!isMembers(element)) throw malformed();
  for (const name of element.keys()) if (!ELEMENTS.includes(name)) throw malformed();
  const effect = element.get("Effect");
  if (effect !== "Allow" && effect !== "Deny") throw malformed();

  const sid = readSid(element, dialect);
  const principals = readWho(element, dialect, named);
  const actions = readActions(element);
  const reach = readResources(element, dialect);
  const condition = element.get("Condition");
  const tests = condition === undefined ? [] : readCondition(condition, dialect);
  return {
    number,
    ...(sid === undefined ? {} : { sid }),
    effect,
    ...(principals === undefined ? {} : { principals }),
    ...actions,
    reaches: reach.reaches,
    ...(reach.resources === undefined ? {} : { resources: reach.resources }),
    tests,
    keys: [...reach.keys, ...tests.flatMap(({ keys }) => keys)],
  };
}

function readSid(element: JsonMembers, { kind }: Dialect): string | undefined {
  const sid = element.get("Sid");
  if (sid === undefined) return undefined;
  if (typeof sid !== "string") throw malformed();
  // "The Sid in a key policy can include spaces" (KMS Developer Guide); IAM's cannot.
  if (kind !== "key" && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
  }
  return sid;
}

function readWho(element: JsonMembers, { kind }: Dialect, named: Principal[]): Principals | undefined {
  const either = eitherOf(element, "Principal", "NotPrincipal");
  if (kind === "identity" || kind === "session") {
    if (either !== undefined) throw malformed("Policy document should not specify a principal.");
    return undefined;
  }
  if (kind === "guard-rail") {
    // A service control policy has no Principal; of a resource control policy "the only supported value is *".
    if (either !== undefined && (either.not || either.value !== "*")) throw malformed();
    return undefined;
  }
  if (either === undefined) throw malformed("Policy contains a statement with no principal.");
  const principals = readPrincipals(either.value, kind);
  named.push(...principals);
  return principalsAmong(principals, either.not);
}

const ACTION = /^(?:\*|[0-9A-Za-z*?-]+:[0-9A-Za-z*?_-]+)$/;

function readActions(element: JsonMembers): Pick<Statement, "actions" | "covers"> {
  const either = eitherOf(element, "Action", "NotAction");
  const values = either === undefined ? [] : stringsOf(either.value);
  if (either === undefined || values.length === 0) throw malformed("Policy statement must contain actions.");
  for (const action of values) {
    if (!action.includes(":") && action !== "*")
      throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (!ACTION.test(action)) throw malformed();
  }
  // "The prefix and the action name are case insensitive" (IAM User Guide).
  const matches = anyPattern(values.map((action) => action.toLowerCase()));
  return { actions: { not: either.not, values }, covers: either.not ? (action) => !matches(action) : matches };
}

function readResources(element: JsonMembers, dialect: Dialect): { reaches: Reach; keys: readonly string[]; resources?: Wording } {
  const either = eitherOf(element, "Resource", "NotResource");
  if (dialect.kind === "trust") {
    if (either !== undefined) throw malformed("Has prohibited field Resource");
    return { reaches: () => "yes", keys: [] };
  }
  const values = either === undefined ? [] : stringsOf(either.value);
  if (either === undefined || values.length === 0) throw malformed("Policy statement must contain resources.");
  // "The only accepted Resource element value in a KMS key policy is *" (AWS's notice of May 2025): it means "this KMS key".
  if (dialect.kind === "key" && (either.not || values.some((resource) => resource !== "*"))) throw malformed();
  const { reaches, keys } = anyResource(values.map((resource) => readResource(resource, dialect)));
  return {
    resources: { not: either.not, values },
    reaches: either.not ? (resource, context) => not(reaches(resource, context)) : reaches,
    keys,
  };
}

/** The element or its opposite, whichever is there. Refuses both. */
function eitherOf(element: JsonMembers, name: string, opposite: string): { readonly value: Json; readonly not: boolean } | undefined {
  const [value, other] = [element.get(name), element.get(opposite)];
  if (value !== undefined && other !== undefined) throw malformed();
  if (value !== undefined) return { value, not: false };
  return other === undefined ? undefined : { value: other, not: true };
}
