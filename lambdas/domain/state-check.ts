/** Where in the log something stands. */
export interface Moment {
  readonly writer: string;
  readonly number: number;
  /** In milliseconds, by the clock of whoever wrote it. */
  readonly at: number;
}

/** A change of one item, as the log tells of it. */
export interface ToldChange {
  /** The version that the item was to have; 0 where it was to be deleted. */
  readonly version: number;
  /** Of the item that was to be written. */
  readonly mac?: string | undefined;
  /** The row that tells of it. */
  readonly told: string;
  /** It was made, and before the items were read; of others nobody can say. */
  readonly isCertain: boolean;
  /** It was made between these. */
  readonly began: Moment;
  readonly ended: Moment;
}

/** What is stored of an item, apart from its body. */
export interface StoredState {
  readonly version: number;
  readonly mac: string;
}

export interface Verdict {
  /**
   * - `good`: it is as the newest change left it.
   * - `unchecked`: the log tells nothing of how it came to be as it is.
   * - `changed`, `missing`, `added`: nobody left it so, or something else came after that.
   */
  readonly is: "good" | "unchecked" | "changed" | "missing" | "added";
  /** What contradicts it. */
  readonly told?: ToldChange;
}

/** Clocks of two writers may differ by so much. */
const SKEW_MS = 60_000;

/**
 * Holds an item, or that it is not there, against every change of it that the log tells of.
 *
 * Each writing makes a version of one more, so of two writings the version tells which came later, unless the item was deleted and made again
 * between them: then only the order in the log does, or the time where two processes wrote.
 * @param isComplete every change that there ever was is in the log.
 */
export function checkState(stored: StoredState | undefined, changes: readonly ToldChange[], isComplete: boolean): Verdict {
  const certain = changes.filter(({ isCertain }) => isCertain);
  const deletions = changes.filter(({ version }) => version === 0);
  if (!stored) return absent(certain, deletions);
  const made = changes.filter(({ version, mac }) => version === stored.version && mac === stored.mac);
  if (made.length === 0) {
    const newest = newestOf(certain);
    if (newest) return { is: newest.version === 0 ? "added" : "changed", told: newest };
    return { is: isComplete ? "added" : "unchecked" };
  }
  // The same state may have been intended twice: the later one counts.
  const by = newestOf(certain.filter((other) => made.every((own) => isLater(other, own, deletions))));
  if (!by) return { is: "good" };
  return { is: by.version === 0 ? "added" : "changed", told: by };
}

/** That nothing is there is right once it was deleted, or may have been, and nothing was certainly made after that. */
function absent(certain: readonly ToldChange[], deletions: readonly ToldChange[]): Verdict {
  const written = certain.filter(({ version }) => version > 0);
  const told = newestOf(written);
  if (!told) return { is: "good" };
  const isDeleted = deletions.some((deletion) => !written.some((one) => isAfter(one, deletion)));
  return isDeleted ? { is: "good" } : { is: "missing", told };
}

function isLater(other: ToldChange, own: ToldChange, deletions: readonly ToldChange[]): boolean {
  if (other.version === own.version && other.mac === own.mac) return false;
  const isBetween = (deletion: ToldChange) => !isAfter(other, deletion) && !isAfter(deletion, own);
  return isAfter(other, own) || (other.version > own.version && !deletions.some(isBetween));
}

/** Whether it had certainly not begun before the other had ended. */
function isAfter({ began }: ToldChange, { ended }: ToldChange): boolean {
  if (began.writer === ended.writer) return began.number > ended.number;
  return began.at > ended.at + SKEW_MS;
}

const newestOf = (changes: readonly ToldChange[]): ToldChange | undefined =>
  changes.reduce<ToldChange | undefined>((newest, one) => (newest && newest.ended.at > one.ended.at ? newest : one), undefined);
