import { Fault } from "./fault.ts";

/** The place where a list goes on, as a marker that only this caller, operation and filter can use. */
export interface Paging {
  /** The sort key after which the page starts; undefined for the first page. @throws {Fault} InvalidMarkerException */
  after(marker: string | undefined): string | undefined;
  next(sortKey: string): string;
}

/**
 * How many entries a page has. The model lets every `Limit` be 1 to 1000; the pages of some operations say less.
 * @throws {Fault} ValidationException beyond that. AWS's text for it is UNVERIFIED; this is its grammar.
 */
export function pageSize(asked: number | undefined, usual: number, most: number): number {
  if (asked !== undefined && asked > most) {
    throw new Fault(
      "ValidationException",
      `1 validation error detected: Value '${asked}' at 'limit' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
    );
  }
  return asked ?? usual;
}

/** A page of a list that is at hand as a whole, sorted by name. */
export function pageOfSorted<T>(
  entries: readonly T[],
  nameOf: (entry: T) => string,
  after: string | undefined,
  size: number,
): { readonly page: readonly T[]; readonly more: boolean } {
  const rest = after === undefined ? entries : entries.filter((entry) => nameOf(entry) > after);
  return { page: rest.slice(0, size), more: rest.length > size };
}
