/** Chance that can be had again: the same seed gives the same numbers. What the operating system makes of them is another matter. */
export interface Chance {
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  /** Whether something of this probability happens. */
  of(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** @see "Mulberry32" by Tommy Ettinger, in the public domain */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    between: (from, to) => from + next() * (to - from),
    of: (probability) => next() < probability,
    pick: (values) => values[Math.floor(next() * values.length)] ?? values[0],
  };
}
