/** How each family of operators compares what the request says with what the policy wants. */
import { arnPattern } from "./arn-pattern.ts";
import type { Dialect } from "./dialect.ts";
import { holds, readIpRange } from "./ip-range.ts";
import { malformed } from "./malformed.ts";
import { isClosed, keysIn, lettersOf, type Pattern, readPattern, resolve } from "./pattern.ts";
import type { Context } from "./request.ts";
import { readTime } from "./time.ts";
import { anyOf, type Truth, truth } from "./truth.ts";
import { type Matcher, matcherOf, type Piece } from "./wildcard.ts";

/** Says whether a value of the request is one of those that the policy wants. */
export interface Comparison {
  readonly matches: (found: string, context: Context) => Truth;
  /** The keys that variables among the wanted values ask for. */
  readonly keys: readonly string[];
}

/** Compiles the wanted values. Refuses those that no request could be compared with. */
export type Family = (wanted: readonly string[], dialect: Dialect) => Comparison;

type Compare = Comparison["matches"];

export const stringEquals: Family = patterns((plain) => {
  const wanted = new Set(plain.map(lettersOf));
  return (found) => wanted.has(found);
});

export const stringEqualsIgnoreCase: Family = patterns((plain) => {
  const wanted = new Set(plain.map((pieces) => lettersOf(pieces).toLowerCase()));
  return (found) => wanted.has(found.toLowerCase());
});

export const stringLike: Family = patterns((plain) => {
  const wanted = plain.map(matcherOf);
  return (found) => wanted.some((matches) => matches(found));
});

export const arnLike: Family = (wanted, dialect) => {
  const read = wanted.map((text) => readPattern(text, dialect));
  const compares = read.map(arnPattern);
  return { matches: (found, context) => anyOf(compares, (compare) => compare(found, context)), keys: read.flatMap(keysIn) };
};

export const numeric = (claim: (found: number, wanted: number) => boolean): Family => ordered(readNumber, claim);
export const date = (claim: (found: number, wanted: number) => boolean): Family => ordered(readTime, claim);
export const bool: Family = ordered(readBool, (found, wanted) => found === wanted);
export const binary: Family = ordered(readBytes, (found, wanted) => found === wanted);
export const ipAddress: Family = ordered(readIpRange, (found, wanted) => holds(wanted, found));

/** A family whose values are text that may hold variables. @param compile makes a matcher of values in which nothing is open any more. */
function patterns(compile: (plain: readonly (readonly Piece[])[]) => Matcher): Family {
  return (wanted, dialect) => {
    const read = wanted.map((text) => readPattern(text, dialect));
    const closed = compile(read.filter(isClosed));
    const open = read.filter((pattern) => !isClosed(pattern));
    const plain: Compare = (found) => truth(closed(found));
    if (open.length === 0) return { matches: plain, keys: [] };
    return {
      matches: (found, context) =>
        closed(found) ? "yes" : anyOf(open, (pattern) => resolved(pattern, context, (pieces) => compile([pieces])(found))),
      keys: read.flatMap(keysIn),
    };
  };
}

/** "If a variable … has no value", the comparison finds no match. */
function resolved(pattern: Pattern, context: Context, claim: (pieces: readonly Piece[]) => boolean): Truth {
  const pieces = resolve(pattern, context);
  return pieces === "unknown" ? pieces : truth(pieces !== null && claim(pieces));
}

/** A family whose values are read first. What the request says and cannot be read is `unknown`; what the policy says, refused. */
function ordered<T>(read: (text: string) => T | undefined, claim: (found: T, wanted: T) => boolean): Family {
  return (wanted) => {
    const values = wanted.map((text) => {
      const value = read(text);
      if (value === undefined) throw malformed();
      return value;
    });
    return {
      matches(found) {
        const given = read(found);
        return given === undefined ? "unknown" : truth(values.some((value) => claim(given, value)));
      },
      keys: [],
    };
  };
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d{1,3})?$/;

/** "An integer or decimal value", if it can be told from its neighbours. */
function readNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

export function readBool(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return word === "true" || word === "false" ? word === "true" : undefined;
}

/** Base64 in its one canonical form, so that equal bytes are equal text. */
function readBytes(text: string): string | undefined {
  const bytes = Buffer.from(text, "base64").toString("base64");
  return unpadded(bytes) === unpadded(text) ? bytes : undefined;
}

/** By hand: `/=+$/` takes quadratic time for a long run of `=` that is not at the end. */
function unpadded(text: string): string {
  let end = text.length;
  while (text[end - 1] === "=") end -= 1;
  return text.slice(0, end);
}
