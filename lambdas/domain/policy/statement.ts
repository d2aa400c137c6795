import { requireCondition } from "./condition.ts";
import { isMembers, type Json, type JsonMembers } from "./json.ts";
import { malformed } from "./malformed.ts";
import { ANYONE, type Principal, type Principals, principalsAmong, readPrincipals } from "./principal.ts";
import { stringsOf } from "./strings.ts";
import { anyOf, type Matcher } from "./wildcard.ts";

/** `key`: the policy of one KMS key. `identity`: attached to a user, group or role. */
export type PolicyKind = "key" | "identity";

/** How one document says things, which its statements depend on. */
export interface Dialect {
  readonly kind: PolicyKind;
  /** `${…}` stands for a value of the request: since version 2012-10-17. */
  readonly variables: boolean;
}

/** One statement, ready to be asked. Each part answers for itself; the statement speaks when all of them do. */
export interface Statement {
  /** Its place in the document, from 1. */
  readonly number: number;
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** Whom it speaks of; in an identity policy, whoever the policy is attached to. */
  readonly principals: Principals;
  /** Covers this action, given in lower case. */
  readonly covers: Matcher;
  readonly reaches: Matcher;
  /**
   * The parts that this version cannot judge. Those parts count as matching whatever comes, and a statement that has any never allows:
   * whoever it could speak of is refused.
   */
  readonly notUnderstood: readonly string[];
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
  const who = readWho(element, dialect, named);
  const covers = readActions(element);
  const reach = readResources(element, dialect);
  const condition = element.get("Condition");
  if (condition !== undefined) requireCondition(condition);
  const conditional = condition !== undefined && isMembers(condition) && condition.size > 0;

  const notUnderstood = [...who.notUnderstood, ...reach.notUnderstood, ...(conditional ? ["Condition"] : [])];
  return {
    number,
    ...(sid === undefined ? {} : { sid }),
    effect,
    principals: who.principals,
    covers,
    reaches: reach.reaches,
    notUnderstood,
  };
}

function readSid(element: JsonMembers, { kind }: Dialect): string | undefined {
  const sid = element.get("Sid");
  if (sid === undefined) return undefined;
  if (typeof sid !== "string") throw malformed();
  // "The Sid in a key policy can include spaces" (KMS Developer Guide); IAM's cannot.
  if (kind === "identity" && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
  }
  return sid;
}

function readWho(element: JsonMembers, { kind }: Dialect, named: Principal[]): Pick<Statement, "principals" | "notUnderstood"> {
  const either = eitherOf(element, "Principal", "NotPrincipal");
  if (kind === "identity") {
    if (either !== undefined) throw malformed("Policy document should not specify a principal.");
    return { principals: ANYONE, notUnderstood: [] };
  }
  if (either === undefined) throw malformed("Policy contains a statement with no principal.");
  const principals = readPrincipals(either.value);
  named.push(...principals);
  return either.not
    ? { principals: ANYONE, notUnderstood: ["NotPrincipal"] }
    : { principals: principalsAmong(principals), notUnderstood: [] };
}

const ACTION = /^(?:\*|[0-9A-Za-z*?-]+:[0-9A-Za-z*?_-]+)$/;

function readActions(element: JsonMembers): Matcher {
  const either = eitherOf(element, "Action", "NotAction");
  const actions = either === undefined ? [] : stringsOf(either.value);
  if (either === undefined || actions.length === 0) throw malformed("Policy statement must contain actions.");
  for (const action of actions) {
    if (!action.includes(":") && action !== "*")
      throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (!ACTION.test(action)) throw malformed();
  }
  // "The prefix and the action name are case insensitive" (IAM User Guide).
  const matches = anyOf(actions.map((action) => action.toLowerCase()));
  return either.not ? (action) => !matches(action) : matches;
}

function readResources(element: JsonMembers, { kind, variables }: Dialect): Pick<Statement, "reaches" | "notUnderstood"> {
  const either = eitherOf(element, "Resource", "NotResource");
  const resources = either === undefined ? [] : stringsOf(either.value);
  if (either === undefined || resources.length === 0) throw malformed("Policy statement must contain resources.");
  // "The only accepted Resource element value in a KMS key policy is *" (AWS's notice of May 2025): it means "this KMS key".
  if (kind === "key" && (either.not || resources.some((resource) => resource !== "*"))) throw malformed();
  for (const resource of resources) {
    if (resource !== "*" && !/^arn:(?:[^:]*:){4}/.test(resource)) throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (variables && resources.some((resource) => resource.includes("${")))
    return { reaches: () => true, notUnderstood: ["policy variable"] };
  const matches = anyOf(resources);
  return { reaches: either.not ? (resource) => !matches(resource) : matches, notUnderstood: [] };
}

/** The element or its opposite, whichever is there. Refuses both. */
function eitherOf(element: JsonMembers, name: string, opposite: string): { readonly value: Json; readonly not: boolean } | undefined {
  const [value, not] = [element.get(name), element.get(opposite)];
  if (value !== undefined && not !== undefined) throw malformed();
  if (value !== undefined) return { value, not: false };
  return not === undefined ? undefined : { value: not, not: true };
}
