import { isList, isMembers, type Json } from "./json.ts";
import { malformed } from "./malformed.ts";

/**
 * Checks that a Condition is written as one: operator → key → value or values. What it means is not judged here.
 *
 * Refuses, as KMS does, `ForAllValues` over a context or tag: it also holds for requests that have none.
 * @see IAM User Guide, "IAM JSON policy elements: Condition"
 */
export function requireCondition(element: Json): void {
  if (!isMembers(element)) throw malformed();
  for (const [operator, keys] of element) {
    if (!isMembers(keys)) throw malformed();
    for (const [key, values] of keys) {
      if (!(isList(values) ? values : [values]).every(isScalar)) throw malformed();
      if (/^ForAllValues:/i.test(operator) && /^(?:kms:EncryptionContext:|aws:RequestTag\/)/i.test(key)) throw malformed(OVERLY_PERMISSIVE);
    }
  }
}

const OVERLY_PERMISSIVE =
  "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified " +
  "[encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.";

function isScalar(value: Json): boolean {
  return value !== null && !isList(value) && !isMembers(value);
}
