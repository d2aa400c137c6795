import {
  arnLike,
  binary,
  bool,
  date,
  type Family,
  ipAddress,
  numeric,
  stringEquals,
  stringEqualsIgnoreCase,
  stringLike,
} from "./comparison.ts";
import { malformed } from "./malformed.ts";

/** What an operator of a Condition asks, taken apart from its name. */
export interface Operator {
  readonly family: Family;
  /** "Negated matching": none of the wanted values. */
  readonly negated: boolean;
  /** Asks whether the key is there at all. */
  readonly null: boolean;
  /** What several values of the request come to: `ForAnyValue`, `ForAllValues`. */
  readonly set: "any" | "all" | undefined;
  /** What it says of a request that has nothing under the key. */
  readonly ifMissing: boolean;
}

const equal = (found: number, wanted: number): boolean => found === wanted;
const less = (found: number, wanted: number): boolean => found < wanted;
const lessOrEqual = (found: number, wanted: number): boolean => found <= wanted;
const greater = (found: number, wanted: number): boolean => found > wanted;
const greaterOrEqual = (found: number, wanted: number): boolean => found >= wanted;

/** The name in lower case; then the family, and whether it is negated. */
const OPERATORS: ReadonlyMap<string, readonly [Family, boolean]> = new Map([
  ["stringequals", [stringEquals, false]],
  ["stringnotequals", [stringEquals, true]],
  ["stringequalsignorecase", [stringEqualsIgnoreCase, false]],
  ["stringnotequalsignorecase", [stringEqualsIgnoreCase, true]],
  ["stringlike", [stringLike, false]],
  ["stringnotlike", [stringLike, true]],
  ["numericequals", [numeric(equal), false]],
  ["numericnotequals", [numeric(equal), true]],
  ["numericlessthan", [numeric(less), false]],
  ["numericlessthanequals", [numeric(lessOrEqual), false]],
  ["numericgreaterthan", [numeric(greater), false]],
  ["numericgreaterthanequals", [numeric(greaterOrEqual), false]],
  ["dateequals", [date(equal), false]],
  ["datenotequals", [date(equal), true]],
  ["datelessthan", [date(less), false]],
  ["datelessthanequals", [date(lessOrEqual), false]],
  ["dategreaterthan", [date(greater), false]],
  ["dategreaterthanequals", [date(greaterOrEqual), false]],
  ["bool", [bool, false]],
  ["binaryequals", [binary, false]],
  ["ipaddress", [ipAddress, false]],
  ["notipaddress", [ipAddress, true]],
  ["arnequals", [arnLike, false]],
  ["arnlike", [arnLike, false]],
  ["arnnotequals", [arnLike, true]],
  ["arnnotlike", [arnLike, true]],
]);

/** Both may stand around any operator but `Null`. */
const NAME = /^(?:for(any)value:|for(all)values:)?([a-z]+?)(ifexists)?$/;

/**
 * Takes the name of an operator apart; its letters may be of either case.
 *
 * Of a missing key, `…IfExists` and `ForAllValues` hold, `ForAnyValue` does not, and "if the policy condition requires that the key is not
 * matched …, the condition is true".
 * @see IAM User Guide, "IAM JSON policy elements: Condition operators"
 */
export function readOperator(text: string): Operator {
  if (text.toLowerCase() === "null") return { family: bool, negated: false, null: true, set: undefined, ifMissing: false };
  const [, any, all, name = "", ifExists] = NAME.exec(text.toLowerCase()) ?? [];
  const operator = OPERATORS.get(name);
  if (operator === undefined) throw malformed();
  const [family, negated] = operator;
  const set = any !== undefined ? "any" : all !== undefined ? "all" : undefined;
  const ifMissing = ifExists !== undefined || (set === undefined ? negated : set === "all");
  return { family, negated, null: false, set, ifMissing };
}
