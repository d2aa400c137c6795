/**
 * JSON as a policy document is read: nothing is lost between the text and the tree.
 *
 * `JSON.parse` forgets that a member stood there twice and moves members whose names look like numbers; a policy may do neither.
 */
import { malformed } from "./malformed.ts";

/** A number, kept as it was written: policies compare numbers, they do not compute with them. */
export interface Digits {
  readonly digits: string;
}

export type Json = string | boolean | null | Digits | JsonList | JsonMembers;
export type JsonList = readonly Json[];
export type JsonMembers = ReadonlyMap<string, Json>;

export const isList = (value: Json): value is JsonList => Array.isArray(value);
export const isMembers = (value: Json): value is JsonMembers => value instanceof Map;

/** A policy nests six deep; anything deeper is an attack on the reader. */
const DEEPEST = 10;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACES: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);
const LITERALS: readonly (readonly [string, Json])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * Reads one JSON text (RFC 8259), members in their order.
 *
 * Refuses, with MalformedPolicyDocumentException: what is not JSON, a member name that stands twice in one object, nesting deeper than
 * ten, and strings that are not well-formed Unicode.
 */
export function readJson(text: string): Json {
  let at = 0;

  function value(depth: number): Json {
    if (depth > DEEPEST) throw malformed();
    skipSpace();
    switch (text[at]) {
      case "{":
        return members(depth);
      case "[":
        return list(depth);
      case '"':
        return string();
      default:
        return scalar();
    }
  }

  function members(depth: number): JsonMembers {
    const found = new Map<string, Json>();
    at += 1;
    if (next("}")) return found;
    do {
      skipSpace();
      if (text[at] !== '"') throw malformed();
      const name = string();
      if (found.has(name) || !next(":")) throw malformed();
      found.set(name, value(depth + 1));
    } while (next(","));
    if (!next("}")) throw malformed();
    return found;
  }

  function list(depth: number): JsonList {
    const found: Json[] = [];
    at += 1;
    if (next("]")) return found;
    do found.push(value(depth + 1));
    while (next(","));
    if (!next("]")) throw malformed();
    return found;
  }

  function string(): string {
    const start = at;
    for (at += 1; text.charCodeAt(at) !== QUOTE; at += text.charCodeAt(at) === BACKSLASH ? 2 : 1) if (at >= text.length) throw malformed();
    at += 1;
    const read = parsed(text.slice(start, at));
    if (typeof read !== "string" || !read.isWellFormed()) throw malformed();
    return read;
  }

  function scalar(): Json {
    for (const [word, meaning] of LITERALS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const start = at;
    while (at < text.length && "+-.0123456789Ee".includes(text.charAt(at))) at += 1;
    const digits = text.slice(start, at);
    if (typeof parsed(digits) !== "number") throw malformed();
    return { digits };
  }

  function skipSpace(): void {
    while (SPACES.has(text.charCodeAt(at))) at += 1;
  }

  /** Passes over the next sign, if it is this one. */
  function next(sign: string): boolean {
    skipSpace();
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  }

  const read = value(1);
  skipSpace();
  if (at < text.length) throw malformed();
  return read;
}

/** One string or number, judged by the platform's own grammar. */
function parsed(token: string): unknown {
  try {
    return JSON.parse(token);
  } catch {
    throw malformed();
  }
}
