/**
 * What Trent asks of a database: single-item reads and conditional single-item writes, nothing more.
 *
 * Two drivers implement it (`drivers/sqlite.ts`, `drivers/dynamodb.ts`); one contract suite (`test/store/drivers`) holds both to this page.
 *
 * A write that fails with anything but `Conflict` or `CeilingReached` may have happened or not: a lost connection and a failed fsync cannot be
 * told from success.
 */
import type { TableName } from "./tables.ts";

export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

/** One stored row. Everything that the body says is authenticated by `mac`; the index keys and `expires` are hints. */
export interface Row extends RowKey {
  /** 1 when the row is made, one more with each replacement. */
  readonly version: number;
  /** JSON text. */
  readonly body: string;
  /** 32 bytes, and the version of the key that made them. Absent on leases, counters and log rows. */
  readonly mac?: { readonly tag: Uint8Array; readonly key: number };
  readonly index1?: RowKey;
  readonly index2?: RowKey;
  /** Seconds since the epoch after which the database may drop the row. */
  readonly expires?: number;
  /** What `search` finds an appended row by; its sort key begins as a UUIDv7 does. Never read back. */
  readonly words?: readonly string[];
}

/** A slice of one partition, in ascending order of sort key (by its bytes in UTF-8) unless `backwards`. */
export interface Query {
  readonly pk: string;
  /** Only sort keys that start with this. */
  readonly prefix?: string;
  /** Only sort keys beyond this one, exclusive: greater, or less when `backwards`. */
  readonly after?: string;
  readonly limit: number;
  readonly backwards?: boolean;
}

export interface RowPage {
  readonly rows: readonly Row[];
  /** More rows match than were returned. A page may be shorter than its limit and still have more. */
  readonly more: boolean;
}

export interface HintPage {
  /** The primary keys found through an index, with the index's sort key of each. */
  readonly hints: readonly (RowKey & { readonly indexSk: string })[];
  readonly more: boolean;
}

export interface Found {
  readonly rows: readonly Row[];
  /** How far was looked, if not to the end: a sort key, to go on after. */
  readonly reached?: string;
}

/** Thrown by `put` and `delete` when the row is not as the condition says; nothing was written. */
export { Conflict } from "#domain/conflict";

/** Thrown by `add` when the ceiling would be passed; nothing was added. */
export class CeilingReached extends Error {
  override readonly name = "CeilingReached";
}

/**
 * Tells how long a row that was read may be believed without reading it again.
 *
 * `now()` is taken before a read; the row may be served from memory while `holds(now)` is true.
 */
export interface Freshness {
  now(): number;
  holds(stamp: number): boolean;
}

export interface Table {
  readonly freshness: Freshness;

  /** The row, or undefined. Strongly consistent where the database makes a difference. */
  get(key: RowKey): Promise<Row | undefined>;

  /**
   * Writes the whole row: without `replacing` only if there is none under its key, with it only if the stored version is that one.
   * @throws {Conflict} otherwise.
   */
  put(row: Row, replacing?: number): Promise<void>;

  /** Removes the row if it has this version. @throws {Conflict} otherwise, and when there is none. */
  delete(key: RowKey, version: number): Promise<void>;

  /** Rows of one partition. */
  query(query: Query): Promise<RowPage>;

  /** All rows of the table, in an order of the database's own: for the operator, never for a call. `next` is where it goes on; absent at the end. */
  scan(page: {
    readonly after?: RowKey | undefined;
    readonly limit: number;
  }): Promise<{ readonly rows: readonly Row[]; readonly next?: RowKey }>;

  /**
   * Primary keys of the rows whose index keys match: hints, to be read again by `get`.
   * Sort keys have to be unique in a partition of an index: `after` goes past all rows that share one.
   */
  find(index: 1 | 2, query: Query): Promise<HintPage>;

  /**
   * Adds to the counter at (pk, sk), from 0 if there is none, and returns the sum. It reads as a row without MAC whose body is the sum, and `put`
   * can set it. An addition may count twice when a reply was lost on the way.
   * @throws {CeilingReached} when the sum would be more than `ceiling`.
   */
  add(key: RowKey, amount: number, ceiling: number): Promise<number>;

  /**
   * Adds new rows, in order; they can be read by everybody when this returns.
   * On one database file all or none are written; elsewhere each by itself, up to the first that fails.
   * @throws {Conflict} when a row exists already.
   */
  append(rows: readonly Row[]): Promise<void>;

  /**
   * Every row of a partition that was appended with this word and has this text in its body, backwards, as far as was looked; perhaps others with
   * the text. Undefined when there are rows in the partition of which no words are known. Absent where the database has no such index.
   */
  search?(word: string, text: string, query: Omit<Query, "prefix" | "backwards">): Promise<Found | undefined>;
}

/** A database: its tables by name and Region (global tables answer to "global"). */
export interface Database {
  table(name: TableName, region: string): Table;
  /** Finishes what was submitted. Nothing may be asked of its tables from now on. */
  close(): Promise<void>;
}
