/**
 * Items: rows that prove themselves. Every aggregate reads and writes through this.
 *
 * A row's MAC covers where it stands (Region, table, both keys), its version and its body, under a key that is not in the store; so what was
 * edited, moved or swapped by somebody with the database in hand is found before it is believed. A verified item is parsed once and kept while
 * the driver says that it is fresh.
 */
import { mac, verifyMac } from "@trent/crypto";
import { type Bounded, bounded } from "./bounded.ts";
import type { MacKeys } from "./domain-keys.ts";
import type { HintPage, Query, Row, RowKey, Table } from "./port.ts";
import type { TableName } from "./tables.ts";

/** An item that is not what was written under its key. Loud: a bug, a broken disk or an attacker. */
export class Tampered extends Error {
  override readonly name = "Tampered";
}

export interface Item<T> {
  readonly value: T;
  readonly version: number;
}

/** A change that is about to happen, or has happened: enough to find the item and to tell its states apart. */
export interface Mutation extends RowKey {
  readonly table: TableName;
  /** The version the item will have; 0 when it is deleted. */
  readonly version: number;
  /** Of the new state; absent when it is deleted. */
  readonly mac?: string;
}

/** Sees every change before it is written, and may refuse it by throwing. */
export type Gate = (mutation: Mutation) => Promise<void>;

export interface NewItem extends RowKey {
  readonly body: string;
  readonly index1?: RowKey;
  readonly index2?: RowKey;
  readonly expires?: number;
}

export interface Items {
  /** A row is kept as it was parsed first: whoever reads it parses it in the same way. @throws {Tampered} */
  get<T>(key: RowKey, parse: (body: string, version: number) => T): Promise<T | undefined>;
  /** Verified and parsed rows of one partition. @throws {Tampered} */
  query<T>(query: Query, parse: (body: string, version: number) => T): Promise<{ readonly values: readonly T[]; readonly more: boolean }>;
  /** Hints; read the items again by `get`. */
  find(index: 1 | 2, query: Query): Promise<HintPage>;
  /** Writes version 1, or one more than the version replaced. @throws {Conflict} */
  put(item: NewItem, replacing?: number): Promise<void>;
  /** @throws {Conflict} */
  delete(key: RowKey, version: number): Promise<void>;
  /** The same items, with every change shown to the gate first. */
  gated(gate: Gate): Items;
}

/** What the MAC of a row covers. */
const framed = (name: TableName, region: string, row: Pick<Row, "pk" | "sk" | "version" | "body">): string[] => [
  region,
  name,
  row.pk,
  row.sk,
  String(row.version),
  row.body,
];

/** Whether the row was written by somebody who had the MAC keys, under this key, in this table and Region. */
export async function isAuthentic(row: Row, name: TableName, region: string, keys: MacKeys): Promise<boolean> {
  const key = row.mac && (await keys.version(row.mac.key));
  // A body that is bytes would have the same MAC as the text that they spell.
  return (
    row.mac !== undefined && key !== undefined && typeof row.body === "string" && verifyMac(key, framed(name, region, row), row.mac.tag)
  );
}

interface Kept {
  readonly row: Row;
  readonly value: unknown;
  stamp: number;
}

/** Items of one table in one Region. */
export function itemsOf(table: Table, name: TableName, region: string, keys: MacKeys, limit: number): Items {
  return items({ table, name, region, keys, kept: bounded(limit), changes: { count: 0 } });
}

interface Context {
  readonly table: Table;
  readonly name: TableName;
  readonly region: string;
  readonly keys: MacKeys;
  readonly kept: Bounded<string, Kept>;
  /** Counts the changes made through these items, so that a read which overlapped one is not kept. */
  readonly changes: { count: number };
}

function items(context: Context, gate?: Gate): Items {
  const { table, name, region, keys, kept, changes } = context;
  async function verified<T>(row: Row, parse: (body: string, version: number) => T): Promise<T> {
    if (!(await isAuthentic(row, name, region, keys)))
      throw new Tampered(`The item ${name} ${row.pk} ${row.sk} in ${region} is not what was written there.`);
    return parse(row.body, row.version);
  }

  async function change(key: RowKey, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } finally {
      changes.count += 1;
      kept.delete(`${key.pk}\n${key.sk}`);
    }
  }

  return {
    async get(key, parse) {
      const id = `${key.pk}\n${key.sk}`;
      const stamp = table.freshness.now();
      const known = kept.get(id);
      if (known && (known.stamp === stamp || table.freshness.holds(known.stamp))) return known.value as ReturnType<typeof parse>;
      const before = changes.count;
      const row = await table.get(key);
      if (!row) {
        kept.delete(id);
        return undefined;
      }
      if (known && sameRow(known.row, row)) {
        known.stamp = stamp;
        return known.value as ReturnType<typeof parse>;
      }
      const value = await verified(row, parse);
      if (changes.count === before) kept.set(id, { row, value, stamp });
      return value;
    },

    async query(query, parse) {
      const page = await table.query(query);
      return { values: await Promise.all(page.rows.map((row) => verified(row, parse))), more: page.more };
    },

    find: (index, query) => table.find(index, query),

    async put(item, replacing) {
      const version = (replacing ?? 0) + 1;
      const { version: key, key: macKey } = keys.current;
      const tag = mac(macKey, framed(name, region, { ...item, version }));
      await gate?.({ table: name, pk: item.pk, sk: item.sk, version, mac: tag.toString("base64url") });
      await change(item, () => table.put({ ...item, version, mac: { tag, key } }, replacing));
    },

    async delete(key, version) {
      await gate?.({ table: name, pk: key.pk, sk: key.sk, version: 0 });
      await change(key, () => table.delete(key, version));
    },

    gated: (next) => items(context, next),
  };
}

function sameRow(a: Row, b: Row): boolean {
  return a.version === b.version && a.body === b.body && a.mac?.key === b.mac?.key && sameBytes(a.mac?.tag, b.mac?.tag);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
