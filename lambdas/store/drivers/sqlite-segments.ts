/**
 * Texts of a table that say much of the same, as short as can be.
 *
 * Records of one account and day repeat each other: who calls by what, which key, by what permission. So a text is cut before each `,"`, and a
 * segment that comes twice is kept once, beside its partition; a text is then numbers of segments, and between them what is new. What is read is
 * the text as it was written, letter by letter: hashes, and whoever reads it, know nothing of all this. A text that would get no shorter stays.
 *
 * A packed text is a blob of parts, each begun by a number in base 128, the low digits first: twice a segment's number plus one; or twice a
 * length, and so many bytes of UTF-8.
 */
import type { DatabaseSync } from "node:sqlite";
import type { TableName } from "../tables.ts";
import type { Cell } from "./sqlite-schema.ts";

/** Where the segments of a table's rows are. */
export const segmentsOf = (table: TableName): string => `"${table}.segments"`;

/** A shorter segment is no shorter by its number and what it takes to keep it. */
const SHORTEST = 12;
/** UTF-16 units. A longer text is not packed: a few bytes that somebody else wrote could otherwise name more than memory holds. */
const LONGEST = 2 ** 22;
/** Segments that are kept in mind. */
const KNOWN = 20_000;
/** And hashes of those that came once, by which the second time is told. */
const ONCE = 8_192;
const [COMMA, QUOTE] = [",", '"'].map((mark) => mark.charCodeAt(0));
/** Of a hash what takes no memory of its own. */
const SMALL = 0x3fffffff;
/** For so long after a row was written to it nothing can have swept a partition: rows live for a day at least. */
const FRESH_MS = 3_600_000;

export const segmentsDdl = (table: TableName): string =>
  `CREATE TABLE IF NOT EXISTS ${segmentsOf(table)} (region TEXT NOT NULL, pk TEXT NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL, ` +
  "PRIMARY KEY (region, pk, id)) WITHOUT ROWID;";

export interface Packer {
  /** To be called in the transaction that writes the row, because it may write segments. */
  pack(region: string, pk: string, text: string): Cell;
  /** To be called when anything of a transaction was undone: segments may be gone. */
  forget(): void;
}

/** A segment that is kept. */
interface Known {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** Of the connection by which this process writes the file. */
export function packer(database: DatabaseSync, table: TableName): Packer {
  const keep = database.prepare(
    `INSERT INTO ${segmentsOf(table)} SELECT ?1, ?2, coalesce(max(id), 0) + 1, ?3 FROM ${segmentsOf(table)} WHERE region = ?1 AND pk = ?2 RETURNING id`,
  );
  keep.setReturnArrays(true);
  /** Of each partition its segments by their hashes. */
  const partitions = new Map<string, { readonly segments: Map<number, Known>; written: number }>();
  let known = 0;
  const once = new Int32Array(ONCE);
  /** What is packed, and what becomes of it. */
  let from = Buffer.alloc(4096);
  let to = Buffer.alloc(4096);

  function forget(): void {
    partitions.clear();
    known = 0;
  }

  function partitionOf(region: string, pk: string): Map<number, Known> {
    if (known > KNOWN) forget();
    const name = `${region}\n${pk}`;
    const now = Date.now();
    let partition = partitions.get(name);
    if (!partition || Math.abs(now - partition.written) > FRESH_MS) {
      partition = { segments: new Map(), written: now };
      partitions.set(name, partition);
    }
    partition.written = now;
    return partition.segments;
  }

  /** Keeps a segment that came before, or may have: of two whose hashes have the same place only the last is remembered. */
  function learnt(region: string, pk: string, segment: Uint8Array, hash: number, segments: Map<number, Known>): Known | undefined {
    const place = hash % ONCE;
    if (once[place] !== hash) {
      once[place] = hash;
      return undefined;
    }
    const [id] = keep.get(region, pk, Buffer.from(segment).toString()) as unknown as [number];
    const kept = { id, bytes: Uint8Array.from(segment) };
    segments.set(hash, kept);
    known += 1;
    return kept;
  }

  function isAt({ bytes }: Known, start: number, end: number): boolean {
    if (bytes.length !== end - start) return false;
    for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== from[start + at]) return false;
    return true;
  }

  return {
    forget,
    pack(region, pk, text) {
      if (text.length > LONGEST) return text;
      // Three bytes a character at the most; and what begins a part is shorter than the shortest segment.
      if (from.length < text.length * 3 + 16) [from, to] = [Buffer.alloc(text.length * 4), Buffer.alloc(text.length * 4)];
      const length = from.write(text);
      const segments = partitionOf(region, pk);
      let at = 0;
      let said = 0;
      const copyUpTo = (end: number): void => {
        at = writeNumber(to, at, (end - said) * 2);
        for (; said < end; said += 1) to[at++] = from[said] as number;
      };
      for (let start = 0, end = 0, hash = 0; end <= length; end += 1) {
        const byte = from[end] as number;
        if (end === length || (byte === COMMA && from[end + 1] === QUOTE)) {
          if (end - start >= SHORTEST) {
            const segment = segments.get(hash) ?? learnt(region, pk, from.subarray(start, end), hash, segments);
            if (segment && isAt(segment, start, end)) {
              if (said < start) copyUpTo(start);
              at = writeNumber(to, at, segment.id * 2 + 1);
              said = end;
            }
          }
          start = end;
          hash = 0;
        }
        hash = (Math.imul(hash, 31) + byte) & SMALL;
      }
      if (said === 0) return text;
      if (said < length) copyUpTo(length);
      return new Uint8Array(to.subarray(0, at));
    },
  };
}

/** The text of what a row of this partition holds; undefined when that is no text, packed or not, or segments of it are not there. */
export type Unpacker = (region: string, pk: string, body: unknown) => string | undefined;

/**
 * Of a connection for reading; each of what it makes is for one reading, and keeps the segments that it meets. Not for longer: a partition may be
 * swept, and begin anew.
 */
export function unpackers(database: DatabaseSync, table: TableName): () => Unpacker {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(`${table}.segments`);
  const find = isThere && database.prepare(`SELECT text FROM ${segmentsOf(table)} WHERE region = ? AND pk = ? AND id = ?`);
  find?.setReturnArrays(true);

  return () => {
    const partitions = new Map<string, Map<number, string>>();
    let [nameAtHand, atHand] = ["", new Map<number, string>()];

    function partitionOf(region: string, pk: string): Map<number, string> {
      const name = `${region}\n${pk}`;
      if (name !== nameAtHand) {
        nameAtHand = name;
        atHand = partitions.get(name) ?? new Map();
        partitions.set(name, atHand);
      }
      return atHand;
    }

    function found(region: string, pk: string, id: number, segments: Map<number, string>): string | undefined {
      const [text] = (find?.get(region, pk, id) ?? []) as unknown as readonly Cell[];
      if (typeof text !== "string") return undefined;
      segments.set(id, text);
      return text;
    }

    return (region, pk, body) => {
      if (typeof body === "string") return body;
      if (!(body instanceof Uint8Array)) return undefined;
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const segments = partitionOf(region, pk);
      let text = "";
      for (let at = 0; at < bytes.length; ) {
        let value = 0;
        let scale = 1;
        let digit: number;
        do {
          digit = bytes[at++] ?? 0;
          value += (digit & 127) * scale;
          scale *= 128;
        } while (digit > 127);
        if (value % 2 === 1) {
          const id = (value - 1) / 2;
          const segment = segments.get(id) ?? found(region, pk, id, segments);
          if (segment === undefined) return undefined;
          text += segment;
        } else {
          const end = at + value / 2;
          if (end > bytes.length) return undefined;
          text += bytes.toString("utf8", at, end);
          at = end;
        }
        if (text.length > LONGEST) return undefined;
      }
      return text;
    };
  };
}

/** Drops a slice of the segments of a partition, if it has no rows; returns how many. */
export function segmentSweeper(database: DatabaseSync, table: TableName, slice: number): (region: string, pk: string) => number | bigint {
  const name = segmentsOf(table);
  const drop = database.prepare(
    `DELETE FROM ${name} WHERE (region, pk, id) IN (SELECT region, pk, id FROM ${name} WHERE region = ?1 AND pk = ?2 LIMIT ${slice}) ` +
      `AND NOT EXISTS (SELECT 1 FROM "${table}" WHERE region = ?1 AND pk = ?2)`,
  );
  return (region, pk) => drop.run(region, pk).changes;
}

function writeNumber(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  return at;
}
