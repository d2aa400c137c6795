import type { Dialect } from "./dialect.ts";
import { isList, isMembers, type Json } from "./json.ts";
import { malformed } from "./malformed.ts";
import { type Operator, readOperator } from "./operator.ts";
import type { Context } from "./request.ts";
import { allOf, anyOf, not, type Truth, truth } from "./truth.ts";

/** One operator over one key: a part of a Condition, all of whose parts must hold. */
export interface Test {
  /** As the policy has them. */
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** The keys that it asks for, in lower case: its own first, then those of variables. */
  readonly keys: readonly [string, ...string[]];
  /** What the request says under its own key. */
  readonly found: (context: Context) => ReturnType<Context>;
  readonly holds: (context: Context) => Truth;
}

/**
 * Reads a Condition: operator → key → value or values.
 *
 * Refuses an operator that there is not, a value that its operator cannot read, and, as KMS does, `ForAllValues` over a context or tag: it
 * also holds for requests that have none.
 * @see IAM User Guide, "IAM JSON policy elements: Condition"
 */
export function readCondition(element: Json, dialect: Dialect): readonly Test[] {
  if (!isMembers(element)) throw malformed();
  return Array.from(element).flatMap(([name, keys]) => {
    const operator = readOperator(name);
    if (!isMembers(keys)) throw malformed();
    return Array.from(keys, ([key, values]) => {
      if (operator.set === "all" && /^(?:kms:EncryptionContext:|aws:RequestTag\/)/i.test(key)) throw malformed(OVERLY_PERMISSIVE);
      return testOf(name, operator, key, (isList(values) ? values : [values]).map(readScalar), dialect);
    });
  });
}

const OVERLY_PERMISSIVE =
  "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified " +
  "[encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.";

function readScalar(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return `${value}`;
  if (value === null || isList(value) || isMembers(value)) throw malformed();
  return value.digits;
}

function testOf(name: string, operator: Operator, key: string, wanted: readonly string[], dialect: Dialect): Test {
  const asked = key.toLowerCase();
  const { matches, keys } = operator.family(wanted, dialect);
  const one = (found: string, context: Context): Truth => (operator.negated ? not(matches(found, context)) : matches(found, context));
  const found = dialect.kind === "key" && isForIdentities(asked) ? nothing : (context: Context) => context(asked);
  const test = { operator: name, key, wanted, keys: [asked, ...keys] as const, found };

  if (!dialect.knows(asked)) return { ...test, holds: () => "unknown" };
  if (operator.null) return { ...test, holds: (context) => matches(`${isMissing(found(context))}`, context) };
  return {
    ...test,
    holds(context) {
      const values = found(context);
      if (isMissing(values)) return truth(operator.ifMissing);
      if (isTooLong(values)) return "unknown";
      if (operator.set !== undefined && isEmpty(values)) return truth(operator.set === "all");
      if (typeof values === "string") return one(values, context);
      if (operator.set === "any") return anyOf(values, (value) => one(value, context));
      if (operator.set === "all") return allOf(values, (value) => one(value, context));
      // "Multivalued context keys require a condition set operator": which of the values is meant, nobody knows.
      return values.length === 1 ? one(values[0] ?? "", context) : "unknown";
    },
  };
}

/**
 * A key policy finds these in no request: they are supported "only in IAM policies" (AWS KMS Developer Guide, "Using tags to control access to
 * KMS keys" and "kms:ResourceAliases").
 */
const isForIdentities = (key: string): boolean => key === "kms:resourcealiases" || key.startsWith("aws:resourcetag/");
const nothing = (): undefined => undefined;

/** Nobody's policy asks about as much, and judging it would cost everybody's time: headers, for one, are as long as callers like. */
const LONGEST = 8192;
const isTooLong = (values: string | readonly string[]): boolean =>
  (typeof values === "string" ? values.length : values.reduce((sum, { length }) => sum + length, 0)) > LONGEST;

const isMissing = (found: ReturnType<Context>): found is undefined =>
  found === undefined || (typeof found === "object" && found.length === 0);

/** Values that "resolve to an empty data set (for example, an empty string)". */
const isEmpty = (found: string | readonly string[]): boolean => found === "" || (found.length === 1 && found[0] === "");
