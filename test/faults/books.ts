import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Mutation } from "#store";
import { logTexts } from "../store/log-text.ts";

/** A row of the log that a call left. */
export interface Entry {
  /** Absent where there is one. */
  readonly region?: string;
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
  readonly writer: string;
  readonly number: number;
  /** Of the row's first in its chain: the writer before, and the last of its rows that is certain. */
  readonly follows?: string;
  readonly says: Intent | Outcome;
}

export interface Intent {
  readonly i: 1;
  readonly e: string;
  /** The first change of a call; absent where the operator acts. */
  readonly m?: Mutation;
  /** All changes of what changes many items. */
  readonly v?: readonly Mutation[];
}

/** What is about to be changed. */
export const intendedBy = ({ m, v }: Intent): readonly Mutation[] => [...(m ? [m] : []), ...(v ?? [])];

export interface Outcome {
  readonly i?: undefined;
  readonly e: string;
  readonly x?: readonly [name: string, message: string];
  readonly w?: readonly Mutation[];
  /** What was asked for. */
  readonly q?: { readonly targetKeyId?: string };
}

/** An item of the table of keys: a key, or an alias. */
export interface StoredItem {
  readonly region?: string;
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly mac: string;
  // biome-ignore lint/suspicious/noExplicitAny: read member by member
  readonly body: any;
}

export interface Books {
  readonly entries: readonly Entry[];
  /** `<account>#DAYS <day>` and `WRITERS#<day> <writer>`: what was announced. */
  readonly announced: ReadonlySet<string>;
  readonly items: readonly StoredItem[];
}

const OF_CALLS = /^\d{12}#\d{8}#\d+$/;

/** Reads log and state as they are in the files, and not through the code that wrote them. Nothing may be under way. */
export function readBooks(folder: string): Books {
  const rows = opened(folder, "log.db", logTexts);
  const items = opened(folder, "state.db", (state) => state.prepare("SELECT region, pk, sk, version, tag, body FROM keys").all());
  return booksOf(rows, items as unknown as StateRow[]);
}

type LogRow = Pick<Entry, "region" | "pk" | "sk" | "body">;
type StateRow = Pick<StoredItem, "region" | "pk" | "sk" | "version"> & { readonly tag?: Uint8Array | null; readonly body: string };

/** Of all rows of the log, and all rows of the table of keys. How far a timer has come is nobody's change: no intent stands before it. */
export function booksOf(rows: readonly LogRow[], items: readonly StateRow[]): Books {
  return {
    entries: rows.filter(({ pk }) => OF_CALLS.test(pk)).map(entryOf),
    announced: new Set(rows.filter(({ pk }) => !OF_CALLS.test(pk)).map(({ pk, sk }) => `${pk} ${sk}`)),
    items: items.flatMap(({ tag, body, ...place }) =>
      tag && !place.pk.startsWith("TIMER#") ? [{ ...place, mac: Buffer.from(tag).toString("base64url"), body: JSON.parse(body) }] : [],
    ),
  };
}

function opened<T>(folder: string, file: string, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(folder, file), { readOnly: true, timeout: 5_000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

function entryOf({ body, ...place }: LogRow): Entry {
  const { w: writer, n: number, f: follows, r: says } = JSON.parse(body);
  return { ...place, body, writer, number, ...(follows !== undefined && { follows }), says };
}

/** Whether the files are whole, as SQLite sees it. */
export function damage(folder: string): string[] {
  return ["state.db", "log.db"].flatMap((file) =>
    opened(folder, file, (database) => database.prepare("PRAGMA integrity_check").all())
      .map((row) => String(row["integrity_check"]))
      .filter((verdict) => verdict !== "ok")
      .map((verdict) => `${file}: ${verdict}`),
  );
}
