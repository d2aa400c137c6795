/**
 * What can be said of a part of a statement.
 *
 * `unknown`: it cannot be judged here. A Deny of which only that can be said refuses, an Allow does not allow.
 */
export type Truth = "yes" | "no" | "unknown";

export const truth = (claim: boolean): Truth => (claim ? "yes" : "no");

export function not(claim: Truth): Truth {
  if (claim === "unknown") return claim;
  return claim === "yes" ? "no" : "yes";
}

/** One that holds is enough. */
export function anyOf<T>(values: readonly T[], claim: (value: T) => Truth): Truth {
  let found: Truth = "no";
  for (const value of values) {
    const each = claim(value);
    if (each === "yes") return each;
    if (each === "unknown") found = each;
  }
  return found;
}

/** One that does not hold is enough to fail. */
export function allOf<T>(values: readonly T[], claim: (value: T) => Truth): Truth {
  let found: Truth = "yes";
  for (const value of values) {
    const each = claim(value);
    if (each === "no") return each;
    if (each === "unknown") found = each;
  }
  return found;
}
