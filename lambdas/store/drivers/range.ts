import type { Query } from "../port.ts";

/** What a query asks of sort keys: at least `from`, and less than `to` if there is one, in the order of their UTF-8 bytes. */
export interface Range {
  readonly from: string;
  readonly to?: string;
}

/** The sort keys that a query asks for; undefined when there can be none. */
export function rangeOf({ prefix = "", after, backwards = false }: Query): Range | undefined {
  let from = prefix;
  let to = successorOf(prefix);
  if (after !== undefined && backwards) {
    if (to === undefined || compareBytes(after, to) < 0) to = after;
  } else if (after !== undefined) {
    // The least string that is greater.
    const next = `${after}\0`;
    if (compareBytes(next, from) > 0) from = next;
  }
  if (to === undefined) return { from };
  return compareBytes(from, to) < 0 ? { from, to } : undefined;
}

/** The least string greater than all that start with this one; undefined when there is none. */
function successorOf(prefix: string): string | undefined {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10ffff) continue;
    // The surrogates are not characters.
    return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
