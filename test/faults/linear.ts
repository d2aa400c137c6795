/** A write to a register, or a reading of it, as its caller saw it. */
export interface Access {
  readonly kind: "write" | "read";
  /** What was written, or read. */
  readonly value: string;
  /** When it was called, and when answered; `Infinity`: never, so that it was done at any time after it was called, or not at all. */
  readonly began: number;
  readonly ended: number;
}

/** Places where the search has turned back; more are not kept in mind. */
const MOST = 500_000;

/**
 * Whether there is an order of all accesses in which each reads what was last written, and none comes before one that had ended when it began.
 * @throws {RangeError} when too many overlap.
 * @see Herlihy and Wing, "Linearizability"; the search is that of Wing and Gong, with what it has seen kept in mind.
 */
export function isLinear(initial: string, history: readonly Access[]): boolean {
  const accesses = seen(initial, history);
  const done = new Uint8Array(accesses.length);
  const failed = new Set<string>();

  /** Those that nothing which is left has ended before; none when nothing is left that has to be done. */
  function next(): readonly number[] {
    const left = [...accesses.keys()].filter((i) => done[i] === 0);
    const first = Math.min(...left.map((i) => accesses[i]?.ended ?? 0));
    if (first === Number.POSITIVE_INFINITY) return [];
    return left.filter((i) => (accesses[i]?.began ?? 0) <= first);
  }

  /** Of writes of one value that were never answered, the first may come wherever another may. */
  function distinct(candidates: readonly number[]): readonly number[] {
    const values = new Set<string>();
    return candidates.filter((i) => {
      const { kind, value, ended } = accesses[i] as Access;
      if (kind === "read") return false;
      if (ended !== Number.POSITIVE_INFINITY) return true;
      return values.size < values.add(value).size;
    });
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
      (!failed.has(place) &&
        distinct(candidates).some((i) => {
          done[i] = 1;
          const fits = follows((accesses[i] as Access).value);
          done[i] = 0;
          return fits;
        }));
    if (!found) failed.add(place);
    if (failed.size > MOST) throw new RangeError(`A history of ${accesses.length} accesses has too many orders to be searched.`);
    for (const i of read) done[i] = 0;
    return found;
  }

  return follows(initial);
}

/**
 * What anybody has seen, in the order in which it began: nothing follows from a reading without an answer, nor from such a write that nobody read.
 * What can only be read because of one such write was written before the first who read it was answered.
 */
function seen(initial: string, history: readonly Access[]): readonly Access[] {
  const answered = history.filter(({ ended }) => ended !== Number.POSITIVE_INFINITY);
  const unanswered = history.filter(({ kind, ended }) => kind === "write" && ended === Number.POSITIVE_INFINITY);
  const read = Map.groupBy(
    answered.filter(({ kind }) => kind === "read"),
    ({ value }) => value,
  );
  const isAmbiguous = (write: Access): boolean =>
    write.value === initial || history.some((one) => one !== write && one.kind === "write" && one.value === write.value);
  const done = unanswered.flatMap((write) => {
    const readers = read.get(write.value);
    if (!readers) return [];
    return isAmbiguous(write) ? [write] : [{ ...write, ended: Math.min(...readers.map(({ ended }) => ended)) }];
  });
  return [...answered, ...done].sort((a, b) => a.began - b.began);
}
