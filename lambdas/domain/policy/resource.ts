import type { Dialect } from "./dialect.ts";
import { malformed } from "./malformed.ts";
import { isClosed, keysIn, type Pattern, readPattern, resolve } from "./pattern.ts";
import type { Context } from "./request.ts";
import { anyOf, type Truth, truth } from "./truth.ts";
import { anything, matcherOf } from "./wildcard.ts";

/** Says whether a resource is meant. */
export type Reach = (resource: string, context: Context) => Truth;

/**
 * Reads one value of Resource or NotResource: `*`, or an ARN with wildcards.
 *
 * Refuses a variable before the fifth colon: "You can't use a variable to replace parts of the ARN before the fifth colon".
 * @see IAM User Guide, "IAM policy elements: Variables and tags"
 */
export function readResource(text: string, dialect: Dialect): Pattern {
  const [beginning] = /^arn:(?:[^:]*:){4}/.exec(text) ?? [];
  if (text !== "*" && beginning === undefined) throw malformed(`Resource ${text} must be in ARN format or "*".`);
  if (dialect.variables && beginning?.includes("${")) throw malformed();
  return readPattern(text, dialect);
}

/** Reaches what any of the patterns matches. A variable without a value "will not match any resource". */
export function anyResource(patterns: readonly Pattern[]): { readonly reaches: Reach; readonly keys: readonly string[] } {
  const closed = patterns.filter(isClosed).map(matcherOf);
  const open = patterns.filter((pattern) => !isClosed(pattern));
  const keys = open.flatMap(keysIn);
  if (closed.includes(anything)) return { reaches: () => "yes", keys };
  const [only] = closed;
  if (open.length === 0 && closed.length === 1 && only !== undefined) return { reaches: (resource) => truth(only(resource)), keys };
  return {
    reaches: (resource, context) =>
      closed.some((matches) => matches(resource))
        ? "yes"
        : anyOf(open, (pattern) => {
            const pieces = resolve(pattern, context);
            return pieces === "unknown" ? pieces : truth(pieces !== null && matcherOf(pieces)(resource));
          }),
    keys,
  };
}
