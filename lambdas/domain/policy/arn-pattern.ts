import { malformed } from "./malformed.ts";
import { isClosed, isVariable, lettersOf, type Pattern, resolve } from "./pattern.ts";
import type { Context } from "./request.ts";
import { allOf, type Truth, truth } from "./truth.ts";
import { matcherOf } from "./wildcard.ts";

/**
 * Compares an ARN with a pattern, part by part: "each of the six colon-delimited components of the ARN is checked separately and each can
 * include" wildcards. The colons of a variable's value part nothing, unless the variable stands for the whole ARN.
 *
 * Refuses a pattern that has not six parts; `*` alone is every ARN.
 * @see IAM User Guide, "Amazon Resource Name (ARN) condition operators"
 */
export function arnPattern(pattern: Pattern): (found: string, context: Context) => Truth {
  const [only] = pattern;
  if (pattern.length === 1 && only === "*") return (found) => (partsOf(found) === undefined ? "unknown" : "yes");
  if (pattern.length === 1 && only !== undefined && isVariable(only)) {
    return (found, context) => {
      const pieces = resolve(pattern, context);
      if (pieces === "unknown" || partsOf(found) === undefined) return "unknown";
      return truth(pieces !== null && lettersOf(pieces) === found);
    };
  }
  const written = split(pattern);
  if (written.length !== 6) throw malformed();
  const parts = written.map((part, place) => ({ place, matches: partMatcher(part) }));
  return (found, context) => {
    const given = partsOf(found);
    return given === undefined ? "unknown" : allOf(parts, ({ place, matches }) => matches(given[place] ?? "", context));
  };
}

function partMatcher(pattern: Pattern): (text: string, context: Context) => Truth {
  if (isClosed(pattern)) {
    const matches = matcherOf(pattern);
    return (text) => truth(matches(text));
  }
  return (text, context) => {
    const pieces = resolve(pattern, context);
    return pieces === "unknown" ? pieces : truth(pieces !== null && matcherOf(pieces)(text));
  };
}

/** The six parts of an ARN, the last one with whatever colons it has; undefined for what is no ARN. */
function partsOf(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** Parts a pattern at its first five colons, not counting those of variables. */
function split(pattern: Pattern): readonly Pattern[] {
  const parts: Pattern[number][][] = [[]];
  for (const piece of pattern) {
    if (typeof piece === "string" || isVariable(piece)) {
      parts.at(-1)?.push(piece);
      continue;
    }
    let rest = piece.letters;
    for (let at = rest.indexOf(":"); at >= 0 && parts.length < 6; at = rest.indexOf(":")) {
      if (at > 0) parts.at(-1)?.push({ letters: rest.slice(0, at) });
      parts.push([]);
      rest = rest.slice(at + 1);
    }
    if (rest !== "") parts.at(-1)?.push({ letters: rest });
  }
  return parts;
}
