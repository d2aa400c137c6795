/**
 * The words that rows of a table are found by.
 *
 * A mark says of a partition that among its rows of 32 ms (sort keys begin with a time, as UUIDv7 do) there is one with a word. So a busy server
 * writes few marks for many rows, of 20 bytes each; an index of every row would cost as much as the rows do. Whoever looks for a word reads what
 * is marked, newest first, and looks at it.
 *
 * Marks are written down as they come, behind each other, and put in the order of words when there are many: each by itself would change a page
 * of its own, and with a thousand keys and callers a commit of fifty rows would write half a megabyte.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Found, Query, Row } from "../port.ts";
import type { TableName } from "../tables.ts";
import type { Cell } from "./sqlite-schema.ts";

const SPAN_MS = 32;
/** Words that are kept in mind, with the last of their marks. */
const KNOWN = 20_000;
/** Marks that wait to be put in order; whoever searches reads them all. */
const WAITING = 50_000;
/** Of these, put in order at once: about what a group of rows costs. */
const SLICE = 1_000;
/** Marks that are followed without a break. */
const AT_ONCE = 32;
/** Says of a partition that there are rows in it without marks. */
const UNMARKED = -1;

const tableOf = (table: TableName): string => `"${table}.words"`;
const waitingOf = (table: TableName): string => `"${table}.marks"`;
const inserting = (table: TableName): string => `INSERT INTO ${tableOf(table)} VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;

export const wordsDdl = (table: TableName): string =>
  `CREATE TABLE IF NOT EXISTS ${tableOf(table)} (part INTEGER NOT NULL, word INTEGER NOT NULL, span INTEGER NOT NULL, ` +
  "PRIMARY KEY (part, word, span)) WITHOUT ROWID; " +
  // No number is given twice: what one process has put in order it removes by number, while others write.
  `CREATE TABLE IF NOT EXISTS ${waitingOf(table)} (number INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL, word INTEGER NOT NULL, ` +
  "span INTEGER NOT NULL);";

/** Says of every partition that was there before there were words that its rows have no marks. */
export function leaveUnmarked(database: DatabaseSync, table: TableName): void {
  const next = database.prepare(`SELECT region, pk FROM "${table}" WHERE (region, pk) > (?, ?) ORDER BY region, pk LIMIT 1`);
  const mark = database.prepare(inserting(table));
  for (let at = next.get("", ""); at; at = next.get(String(at["region"]), String(at["pk"])))
    mark.run(partOf(String(at["region"]), String(at["pk"])), 0, UNMARKED);
}

/** Writes marks: part, word and span of each, one after the other. */
export function markWriter(database: DatabaseSync, table: TableName): (marks: readonly Cell[]) => void {
  const mark = database.prepare(`INSERT INTO ${waitingOf(table)} (part, word, span) VALUES (?, ?, ?)`);
  return (marks) => {
    for (let at = 0; at < marks.length; at += 3) mark.run(marks[at] ?? null, marks[at + 1] ?? null, marks[at + 2] ?? null);
  };
}

/**
 * Puts marks in order, a slice with each call, once there are many; calls between that do next to nothing. A mark is removed from those that wait
 * when it is among the others. What cannot be written now is tried again.
 */
export function markSorter(database: DatabaseSync, table: TableName): () => void {
  // Each by itself is one step in the order of numbers; asked for together they are a scan.
  const end = (of: "min" | "max"): string => `(SELECT ${of}(number) FROM ${waitingOf(table)})`;
  const bounds = database.prepare(`SELECT ${end("min")} AS first, ${end("max")} AS last`);
  const ordered = database.prepare(`SELECT DISTINCT part, word, span FROM ${waitingOf(table)} WHERE number <= ? ORDER BY part, word, span`);
  ordered.setReturnArrays(true);
  const insert = database.prepare(inserting(table));
  const remove = database.prepare(`DELETE FROM ${waitingOf(table)} WHERE number <= ?`);
  let sorting: { readonly marks: readonly Cell[][]; readonly last: number; at: number } | undefined;

  function begun(): typeof sorting {
    const { first, last } = bounds.get() ?? {};
    if (Number(last) - Number(first) < WAITING) return undefined;
    return { marks: ordered.all(last ?? null) as unknown as Cell[][], last: Number(last), at: 0 };
  }

  return () => {
    sorting ??= begun();
    if (!sorting) return;
    const { marks, last, at } = sorting;
    try {
      database.exec("BEGIN IMMEDIATE");
      for (const mark of marks.slice(at, at + SLICE)) insert.run(...mark);
      if (at + SLICE >= marks.length) remove.run(last);
      database.exec("COMMIT");
      sorting.at += SLICE;
      if (sorting.at >= marks.length) sorting = undefined;
    } catch {
      if (database.isTransaction) database.exec("ROLLBACK");
    }
  };
}

/** Drops the marks of a partition without rows, a slice at a time; returns how many. */
export function markSweeper(database: DatabaseSync, table: TableName, slice: number): (region: string, pk: string) => number | bigint {
  const drop = database.prepare(
    `DELETE FROM ${tableOf(table)} WHERE (part, word, span) IN (SELECT part, word, span FROM ${tableOf(table)} WHERE part = ? LIMIT ${slice})`,
  );
  const dropWaiting = database.prepare(`DELETE FROM ${waitingOf(table)} WHERE part = ?`);
  return (region, pk) => {
    const part = partOf(region, pk);
    const dropped = drop.run(part).changes;
    return Number(dropped) > 0 ? dropped : dropWaiting.run(part).changes;
  };
}

export interface Marking {
  /** The marks of these rows, but those that are known to be on disk. */
  of(rows: readonly Row[]): { readonly marks: Cell[]; written(): void };
}

interface Word {
  readonly hash: number;
  /** The last of its marks that is on disk, and that was asked for. */
  written: number;
  asked: number;
  asking: object;
}

export function marking(region: string): Marking {
  let words = 0;
  const known = new Map<string, { readonly part: number; readonly words: Map<string, Word> }>();

  function partitionOf(pk: string) {
    const partition = known.get(pk) ?? { part: partOf(region, pk), words: new Map<string, Word>() };
    known.set(pk, partition);
    return partition;
  }

  return {
    of(rows) {
      if (words > KNOWN) {
        known.clear();
        words = 0;
      }
      const asking = {};
      const marks: Cell[] = [];
      const asked: Word[] = [];
      for (const row of rows) {
        if (!row.words) continue;
        const partition = partitionOf(row.pk);
        const span = spanOf(row.sk);
        for (const text of row.words) {
          let word = partition.words.get(text);
          if (!word) {
            word = { hash: wordOf(text), written: UNMARKED, asked: UNMARKED, asking };
            partition.words.set(text, word);
            words += 1;
          }
          if (word.written === span || (word.asked === span && word.asking === asking)) continue;
          word.asked = span;
          word.asking = asking;
          marks.push(partition.part, word.hash, span);
          asked.push(word);
        }
      }
      return {
        marks,
        written() {
          for (const word of asked) if (word.asking === asking) word.written = word.asked;
        },
      };
    },
  };
}

/** Finds rows by a word, over a connection for reading. */
export function wordSearch(database: DatabaseSync, table: TableName, columns: readonly string[]) {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const unmarked = prepare(`SELECT 1 FROM ${tableOf(table)} WHERE part = ? AND word = 0 AND span = ${UNMARKED}`);
  const [ordered, waiting] = [tableOf(table), waitingOf(table)].map((from) =>
    prepare(`SELECT DISTINCT span FROM ${from} WHERE part = ? AND word = ? AND span BETWEEN 0 AND ? ORDER BY span DESC LIMIT ${AT_ONCE}`),
  ) as [StatementSync, StatementSync];
  const marked = (part: number, word: number, from: number): readonly number[] => {
    // First those that wait: what is put in order between the two readings is seen twice, and not missed.
    const found = [waiting, ordered].flatMap((spans) => (spans.all(part, word, from) as unknown as [number][]).map(([span]) => span));
    return [...new Set(found)].sort((a, b) => b - a).slice(0, AT_ONCE);
  };
  const near = prepare(`SELECT ${columns} FROM "${table}" WHERE region = ? AND pk = ? AND sk >= ? AND sk < ? ORDER BY sk DESC`);

  return (region: string, word: string, text: string, { pk, after, limit }: Query, rowOf: (cells: Cell[]) => Row): Found | undefined => {
    const part = partOf(region, pk);
    if (unmarked.get(part)) return undefined;
    const from = after === undefined ? Number.MAX_SAFE_INTEGER : spanOf(after);
    // Nothing comes before what is no time.
    if (!(from >= 0)) return { rows: [] };
    const spans = marked(part, wordOf(word), from);
    const rows: Row[] = [];
    for (const span of spans) {
      const next = startOf(span + 1);
      const end = after !== undefined && after < next ? after : next;
      for (const cells of near.iterate(region, pk, startOf(span), end) as Iterable<unknown> as Iterable<Cell[]>) {
        const row = rowOf(cells);
        if (row.body.includes(text)) rows.push(row);
        if (rows.length >= limit) return { rows, reached: rows.at(-1)?.sk ?? "" };
      }
    }
    const last = spans.at(-1);
    return spans.length < AT_ONCE || last === undefined ? { rows } : { rows, reached: startOf(last) };
  };
}

/** Says which of its words a row has no mark of, if any: nobody who looks for that one finds it. For rows in the order of their keys. */
export function markFinder(database: DatabaseSync, table: TableName) {
  const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?");
  const [hasMarks, hasWaiting] = [tableOf(table), waitingOf(table)].map((name) => isThere.get(name.slice(1, -1)) !== undefined);
  // Of a folder that no version has opened which writes them.
  if (!hasMarks) return () => undefined;
  const unmarked = database.prepare(`SELECT 1 FROM ${tableOf(table)} WHERE part = ? AND word = 0 AND span = ${UNMARKED}`);
  const mark = database.prepare(`SELECT 1 FROM ${tableOf(table)} WHERE part = ? AND word = ? AND span = ?`);
  const waiting = hasWaiting ? database.prepare(`SELECT part, word, span FROM ${waitingOf(table)}`) : undefined;
  let unordered: ReadonlySet<string> | undefined;
  const waits = (part: number, word: number, span: number): boolean => {
    unordered ??= new Set(Array.from(waiting?.iterate() ?? [], (each) => `${each["part"]} ${each["word"]} ${each["span"]}`));
    return unordered.has(`${part} ${word} ${span}`);
  };
  let at = { name: "", part: 0, isUnmarked: false };
  /** Words whose mark for the span at hand was seen. */
  let seen = { span: UNMARKED, words: new Set<string>() };

  return (region: string, { pk, sk }: Pick<Row, "pk" | "sk">, words: readonly string[]): string | undefined => {
    const name = `${region}\n${pk}`;
    if (name !== at.name) {
      const part = partOf(region, pk);
      at = { name, part, isUnmarked: unmarked.get(part) !== undefined };
      seen = { span: UNMARKED, words: new Set() };
    }
    const span = spanOf(sk);
    if (span !== seen.span) seen = { span, words: new Set() };
    for (const word of at.isUnmarked ? [] : words) {
      if (seen.words.has(word)) continue;
      if (!mark.get(at.part, wordOf(word), span) && !waits(at.part, wordOf(word), span)) return word;
      seen.words.add(word);
    }
    return undefined;
  };
}

/** Of a sort key: which span it begins with. */
const spanOf = (sk: string): number => Math.floor(Number.parseInt(sk.slice(0, 8) + sk.slice(9, 13), 16) / SPAN_MS);

/** The least sort key of a span. */
function startOf(span: number): string {
  const hex = (span * SPAN_MS).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}

/** Words that share a number are told apart by what is read. */
const wordOf = (text: string): number => halvesOf(text)[0];

/** 48 bits: the marks of a partition are dropped with it, and none of another. */
function partOf(region: string, pk: string): number {
  const [low, high] = halvesOf(`${region}\n${pk}`);
  return (high & 0xffff) * 2 ** 32 + (low >>> 0);
}

/** Two numbers of 32 bits, the first signed. @see "cyrb53" by bryc, in the public domain */
function halvesOf(text: string): readonly [number, number] {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return [one | 0, other | 0];
}
