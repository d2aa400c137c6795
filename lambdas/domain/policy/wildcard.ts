/** Says whether a text is meant. */
export type Matcher = (text: string) => boolean;

export const anything: Matcher = () => true;

/**
 * Matches the whole text, letter for letter: `*` stands for any run of characters, also none, and `?` for exactly one.
 *
 * Never backtracks past a `*`: the first place where a part fits is as good as any later one, so the time is at most pattern times text.
 * @see IAM User Guide, "IAM JSON policy elements: Action" and "… Resource"
 */
export function wildcard(pattern: string): Matcher {
  const [head = "", ...rest] = pattern.split("*");
  const first = partOf(head);
  const tail = rest.pop();
  if (tail === undefined) return (text) => text.length === first.length && first.at(text, 0);

  const last = partOf(tail);
  const parts = rest.filter((part) => part !== "").map(partOf);
  if (head === "" && tail === "" && parts.length === 0) return anything;
  const shortest = parts.reduce((sum, part) => sum + part.length, head.length + tail.length);

  return (text) => {
    const end = text.length - tail.length;
    if (text.length < shortest || !first.at(text, 0) || !last.at(text, end)) return false;
    let from = head.length;
    for (const part of parts) {
      const found = part.in(text, from, end);
      if (found < 0) return false;
      from = found + part.length;
    }
    return true;
  };
}

/** Matches what any of the patterns matches. */
export function anyOf(patterns: readonly string[]): Matcher {
  const exact = new Set(patterns.filter((pattern) => !/[*?]/.test(pattern)));
  const wild = patterns.filter((pattern) => /[*?]/.test(pattern)).map(wildcard);
  if (wild.includes(anything)) return anything;
  return (text) => exact.has(text) || wild.some((matches) => matches(text));
}

/** What stands between two `*`. */
interface Part {
  readonly length: number;
  /** Fits at this place. */
  readonly at: (text: string, place: number) => boolean;
  /** The first place from `from` on where it fits and ends before `end`, or -1. */
  readonly in: (text: string, from: number, end: number) => number;
}

function partOf(part: string): Part {
  const { length } = part;
  const at = part.includes("?") ? fits : (text: string, place: number) => text.startsWith(part, place);

  function fits(text: string, place: number): boolean {
    for (let i = 0; i < length; i += 1) if (part[i] !== "?" && part[i] !== text[place + i]) return false;
    return true;
  }

  return {
    length,
    at,
    in(text, from, end) {
      for (let place = from; place + length <= end; place += 1) if (at(text, place)) return place;
      return -1;
    },
  };
}
