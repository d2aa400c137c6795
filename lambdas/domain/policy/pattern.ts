import type { Dialect, Knows } from "./dialect.ts";
import { malformed } from "./malformed.ts";
import type { Context } from "./request.ts";
import { type Piece, piecesOf } from "./wildcard.ts";

/** `${aws:username}`: stands for what the request says. */
interface Variable {
  /** In lower case. */
  readonly variable: string;
  readonly fallback: string | undefined;
  readonly known: boolean;
}

/** A text of a policy in which variables may stand. */
export type Pattern = readonly (Piece | Variable)[];

export const isVariable = (piece: Piece | Variable): piece is Variable => typeof piece === "object" && "variable" in piece;

/** Nothing in it depends on the request. */
export const isClosed = (pattern: Pattern): pattern is readonly Piece[] => !pattern.some(isVariable);

/** The keys that a pattern asks the request for. */
export const keysIn = (pattern: Pattern): readonly string[] => pattern.flatMap((piece) => (isVariable(piece) ? [piece.variable] : []));

/** A name, and a text to use where the request has none; a single quote in it is written twice. */
const VARIABLE = /^([A-Za-z0-9._/-]+:[^\s,'{}][^,'{}]*)(?:, *'((?:[^']|'')*)')?$/;

/**
 * Takes a text apart into letters, wildcards and variables.
 *
 * `${*}`, `${?}` and `${$}` are those letters. Refuses a `${` that begins neither, for nobody can mean it. Before version 2012-10-17
 * "variables … are treated as literal strings".
 * @see IAM User Guide, "IAM policy elements: Variables and tags"
 */
export function readPattern(text: string, { variables, knows }: Dialect): Pattern {
  if (!variables) return piecesOf(text);
  const pattern: (Piece | Variable)[] = [];
  let rest = text;
  for (let at = rest.indexOf("${"); at >= 0; at = rest.indexOf("${")) {
    const end = closingOf(rest, at + 2);
    if (end < 0) throw malformed();
    for (const piece of piecesOf(rest.slice(0, at))) pattern.push(piece);
    pattern.push(readVariable(rest.slice(at + 2, end), knows));
    rest = rest.slice(end + 1);
  }
  return [...pattern, ...piecesOf(rest)];
}

/** The next `}` that does not stand within quotes, or -1. */
function closingOf(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    else if (text[at] === "}" && !quoted) return at;
  }
  return -1;
}

function readVariable(text: string, knows: Knows): Piece | Variable {
  if (text === "*" || text === "?" || text === "$") return { letters: text };
  const [, name, fallback] = VARIABLE.exec(text) ?? [];
  if (name === undefined) throw malformed();
  const variable = name.toLowerCase();
  return { variable, fallback: fallback?.replaceAll("''", "'"), known: knows(variable) };
}

/**
 * The pattern with the request's values in it, as letters: a `*` in a value is no wildcard.
 *
 * "If a variable … has no value in the authorization context", there is "no equal or like value": null. What cannot be told, because the key
 * is not known here or has several values, is `unknown`.
 */
export function resolve(pattern: Pattern, context: Context): readonly Piece[] | "unknown" | null {
  const pieces: Piece[] = [];
  let missing = false;
  for (const piece of pattern) {
    if (!isVariable(piece)) {
      pieces.push(piece);
      continue;
    }
    const value = saidUnder(piece, context);
    if (value === "unknown") return value;
    if (value === null) missing = true;
    else pieces.push(value);
  }
  return missing ? null : pieces;
}

function saidUnder({ variable, fallback, known }: Variable, context: Context): Piece | "unknown" | null {
  if (!known) return "unknown";
  const found = context(variable);
  if (typeof found === "object" && found.length > 1) return "unknown";
  const letters = (typeof found === "object" ? found[0] : found) ?? fallback;
  return letters === undefined ? null : { letters };
}

/** The letters of a pattern in which `*` and `?` are letters too. */
export const lettersOf = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === "object" ? piece.letters : piece)).join("");
