/** Lists as IAM's operations ask for and answer them. @see IAM API Reference, "ListUsers" and the others: Marker, MaxItems, IsTruncated. */
import { type Paging, pageOfSorted } from "./paging.ts";

interface Asked {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

interface Listing<T> {
  readonly entries: readonly T[];
  readonly end: { readonly IsTruncated: boolean; readonly Marker?: string | undefined };
}

const USUAL = 100;

const endOf = (next: string | undefined, markers: Paging): Listing<never>["end"] => ({
  IsTruncated: next !== undefined,
  Marker: next === undefined ? undefined : markers.next(next),
});

/** A page of what is at hand as a whole. @param keyOf what entries are sorted by: short, and each has its own. */
export function listing<T>(all: readonly T[], keyOf: (entry: T) => string, asked: Asked, markers: Paging): Listing<T> {
  const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { page, more } = pageOfSorted(sorted, keyOf, markers.after(asked.Marker), asked.MaxItems ?? USUAL);
  const last = page.at(-1);
  return { entries: page, end: endOf(more && last !== undefined ? keyOf(last) : undefined, markers) };
}

/** Reads the stored entries after a key, in their order. */
export type Reads<T> = (page: { readonly after?: string | undefined; readonly limit: number }) => Promise<{
  readonly entries: readonly T[];
  /** The key after which the list goes on; absent at its end. */
  readonly next?: string | undefined;
}>;

const AT_ONCE = 1000;

/** A page of those stored entries that are asked for. @param keyOf the key that an entry is stored under. */
export async function listingOf<T>(
  reads: Reads<T>,
  keyOf: (entry: T) => string,
  wanted: (entry: T) => boolean,
  asked: Asked,
  markers: Paging,
): Promise<Listing<T>> {
  const most = asked.MaxItems ?? USUAL;
  const found: T[] = [];
  let after = markers.after(asked.Marker);
  for (;;) {
    const { entries, next } = await reads({ after, limit: most + 1 });
    found.push(...entries.filter(wanted));
    if (found.length > most || next === undefined) break;
    after = next;
  }
  const page = found.slice(0, most);
  const last = page.at(-1);
  return { entries: page, end: endOf(found.length > most && last !== undefined ? keyOf(last) : undefined, markers) };
}

/** Everything that is stored. */
export async function allOf<T>(reads: Reads<T>): Promise<readonly T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const { entries, next } = await reads({ after, limit: AT_ONCE });
    found.push(...entries);
    after = next;
  } while (after !== undefined);
  return found;
}

export const under =
  (prefix = "/") =>
  ({ path }: { readonly path: string }): boolean =>
    path.startsWith(prefix);
