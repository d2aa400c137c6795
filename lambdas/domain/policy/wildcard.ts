/** Says whether a text is meant. */
export type Matcher = (text: string) => boolean;

export const anything: Matcher = () => true;

/** A piece of a pattern: letters that stand for themselves, or a wildcard. */
export type Piece = { readonly letters: string } | "*" | "?";

/**
 * Matches the whole text, letter for letter: `*` stands for any run of characters, also none, and `?` for exactly one.
 *
 * Never backtracks past a `*`: the first place where a part fits is as good as any later one.
 * @see IAM User Guide, "IAM JSON policy elements: Action" and "… Resource"
 */
export function wildcard(pattern: string): Matcher {
  return matcherOf(piecesOf(pattern));
}

/** A text in which `*` and `?` are wildcards, taken apart. */
export function piecesOf(pattern: string): readonly Piece[] {
  const split = pattern.split(/([*?])/);
  return split.flatMap((text): Piece[] => (text === "*" || text === "?" ? [text] : text === "" ? [] : [{ letters: text }]));
}

/** {@link wildcard}, for a pattern of which some letters may look like wildcards. */
export function matcherOf(pieces: readonly Piece[]): Matcher {
  const parts = partsOf(pieces);
  const [first, ...middle] = parts;
  const last = middle.pop();
  if (first === undefined) return (text) => text === "";
  if (last === undefined) return (text) => text.length === first.length && first.at(text, 0);

  const shortest = parts.reduce((sum, { length }) => sum + length, 0);
  if (shortest === 0) return anything;

  return (text) => {
    const end = text.length - last.length;
    if (text.length < shortest || !first.at(text, 0) || !last.at(text, end)) return false;
    let from = first.length;
    for (const part of middle) {
      const found = part.in(text, from, end);
      if (found < 0) return false;
      from = found + part.length;
    }
    return true;
  };
}

/** Matches what any of the patterns matches. */
export function anyPattern(patterns: readonly string[]): Matcher {
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

function partsOf(pieces: readonly Piece[]): readonly Part[] {
  const parts: Part[] = [];
  let letters = "";
  let holes = new Set<number>();
  for (const piece of pieces) {
    if (piece === "*") {
      // A second `*` in a row says nothing new.
      if (letters === "" && parts.length > 0) continue;
      parts.push(partOf(letters, holes));
      letters = "";
      holes = new Set();
    } else if (piece === "?") {
      holes.add(letters.length);
      letters += piece;
    } else {
      letters += piece.letters;
    }
  }
  parts.push(partOf(letters, holes));
  return parts;
}

/** @param holes the places at which any character fits. */
function partOf(letters: string, holes: ReadonlySet<number>): Part {
  const { length } = letters;
  if (holes.size === 0) {
    return {
      length,
      at: (text, place) => text.startsWith(letters, place),
      in(text, from, end) {
        const found = text.indexOf(letters, from);
        return found + length <= end ? found : -1;
      },
    };
  }
  const open = Array.from({ length }, (_, place) => holes.has(place));
  const at = (text: string, place: number): boolean => {
    for (let i = 0; i < length; i += 1) if (!open[i] && letters[i] !== text[place + i]) return false;
    return true;
  };
  return { length, at, in: shiftAnd(letters, open) };
}

/**
 * Finds letters with holes in one pass, 32 places at a time: whoever writes both the pattern and the text cannot make it slow.
 *
 * Bit i of the state says that the letters up to place i fit the text that ends here.
 * @see Baeza-Yates and Gonnet, "A new approach to text searching" (Shift-And)
 */
function shiftAnd(letters: string, open: readonly boolean[]): Part["in"] {
  const { length } = letters;
  const words = Math.ceil(length / 32);
  const anyLetter = new Uint32Array(words);
  const fits = new Map<number, Uint32Array>();
  open.forEach((isOpen, place) => {
    if (isOpen) mark(anyLetter, place);
  });
  open.forEach((isOpen, place) => {
    const code = letters.charCodeAt(place);
    if (isOpen) return;
    const mask = fits.get(code) ?? anyLetter.slice();
    mark(mask, place);
    fits.set(code, mask);
  });

  return (text, from, end) => {
    const state = new Uint32Array(words);
    for (let place = from; place < end; place += 1) {
      const mask = fits.get(text.charCodeAt(place)) ?? anyLetter;
      let carry = 1;
      for (let word = 0; word < words; word += 1) {
        const before = state[word] ?? 0;
        state[word] = ((before << 1) | carry) & (mask[word] ?? 0);
        carry = before >>> 31;
      }
      if (isMarked(state, length - 1)) return place - length + 1;
    }
    return -1;
  };
}

function mark(bits: Uint32Array, place: number): void {
  bits[place >> 5] = (bits[place >> 5] ?? 0) | (1 << (place & 31));
}

const isMarked = (bits: Uint32Array, place: number): boolean => ((bits[place >> 5] ?? 0) & (1 << (place & 31))) !== 0;
