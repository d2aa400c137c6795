/** A write to a register, or a reading of it, as its caller saw it. */
export interface Access {
  readonly kind: "write" | "read";
  /** What was written; no two writes write the same. Or what was read. */
  readonly value: string;
  /** When it was called, and when answered; `Infinity`: never, so that it was done at any time after it was called, or not at all. */
  readonly began: number;
  readonly ended: number;
}

/**
 * Whether there is an order of all accesses in which each reads what was last written, and none comes before one that had ended when it began.
 * @see Herlihy and Wing, "Linearizability"; the search is that of Wing and Gong, with what it has seen kept in mind.
 */
export function isLinear(initial: string, history: readonly Access[]): boolean {
  const accesses = settled(history);
  const done = new Uint8Array(accesses.length);
  const seen = new Set<string>();

  /** Those that nothing which is left has ended before. */
  function next(): readonly number[] {
    const left = [...accesses.keys()].filter((i) => done[i] === 0);
    const first = Math.min(...left.map((i) => accesses[i]?.ended ?? 0));
    return left.filter((i) => (accesses[i]?.began ?? 0) <= first);
  }

  function follows(value: string): boolean {
    // A reading of what is there changes nothing: it may as well come now.
    const read: number[] = [];
    let candidates = next();
    for (;;) {
      const now = candidates.filter((i) => accesses[i]?.kind === "read" && accesses[i]?.value === value);
      if (now.length === 0) break;
      for (const i of now) done[i] = 1;
      read.push(...now);
      candidates = next();
    }
    const place = `${done.join("")} ${value}`;
    const found =
      candidates.length === 0 ||
      (!seen.has(place) &&
        candidates.some((i) => {
          const { kind, value: written } = accesses[i] as Access;
          if (kind === "read") return false;
          done[i] = 1;
          const fits = follows(written);
          done[i] = 0;
          return fits;
        }));
    seen.add(place);
    for (const i of read) done[i] = 0;
    return found;
  }

  return follows(initial);
}

/** Of writes that were never answered, those that were read were done, and before the first who read them was answered; the others may not have been. */
function settled(history: readonly Access[]): readonly Access[] {
  const readBy = (value: string) =>
    Math.min(...history.filter((one) => one.kind === "read" && one.value === value).map(({ ended }) => ended));
  return history
    .filter(({ kind, ended }) => kind === "write" || ended !== Number.POSITIVE_INFINITY)
    .map((one) => (one.ended === Number.POSITIVE_INFINITY ? { ...one, ended: readBy(one.value) } : one))
    .filter(({ ended }) => ended !== Number.POSITIVE_INFINITY)
    .sort((a, b) => a.began - b.began);
}
