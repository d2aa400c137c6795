import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Database, Freshness, HintPage, Query, Row, RowKey, RowPage, Table } from "../port.ts";
import { TABLES, type TableName } from "../tables.ts";
import { rangeOf } from "./range.ts";
import { groupWriter } from "./sqlite-group.ts";
import { openQueue, settle, type Writing } from "./sqlite-queue.ts";
import { type Cell, COLUMNS, type FileName, fileOf, openInMemory, openToRead, openToWrite } from "./sqlite-schema.ts";
import { type Unpacker, unpackers } from "./sqlite-segments.ts";
import { marking, markSorter, wordSearch } from "./sqlite-words.ts";

/** A folder, made if it is not there, that any number of processes may share; or memory, which ends with the process. */
export type SqliteOptions = { readonly folder: string } | { readonly memory: true };

/** One of the two files: a connection for reading, and the way to its writer. */
interface File {
  readonly statements: (table: TableName) => Statements;
  readonly writing: Pick<Writing, "submit">;
  readonly freshness: Freshness;
  close(): Promise<void>;
}

/**
 * Opens the embedded database.
 *
 * Writes are the work of a thread per file; this thread only reads. `onLoss` is called when such a thread ended by itself: from then on nothing
 * can be written, and every pending and later write is rejected with the cause. A full disk is no loss: it fails the writes of the moment.
 * @throws what SQLite says when the folder cannot be used, and when it was made by a later version.
 */
export function openSqlite(options: SqliteOptions, onLoss: (cause: Error) => void = () => {}): Database {
  return "folder" in options ? databaseOf(openFolder(options.folder, onLoss)) : openMemory();
}

/** A database that ends with the process, and can be copied meanwhile. */
export interface MemoryDatabase extends Database {
  /** All that is in it now. */
  image(): Uint8Array;
}

/** @param image what is in it from the start: that of another one. */
export function openMemory(image?: Uint8Array): MemoryDatabase {
  const database = openInMemory(image);
  const file = fileInMemory(database);
  return { ...databaseOf({ state: file, log: file }), image: () => database.serialize() };
}

function databaseOf(files: Record<FileName, File>): Database {
  const tables = new Map<string, Table>();
  let closing: Promise<unknown> | undefined;
  return {
    table(name, region) {
      const table = tables.get(`${name} ${region}`) ?? tableOf(files[fileOf(name)], name, region);
      tables.set(`${name} ${region}`, table);
      return table;
    },
    async close() {
      closing ??= Promise.all([files.state.close(), files.log.close()]);
      await closing;
    },
  };
}

function openFolder(folder: string, onLoss: (cause: Error) => void): Record<FileName, File> {
  const open = (file: FileName): File => {
    // Laid out before the thread is up, so that reading can begin at once.
    const layingOut = openToWrite(folder, file);
    const reading = openToRead(folder, file);
    layingOut.close();
    const writing = openQueue(folder, file, onLoss);
    const now = oncePerBreath(dataVersion(reading));
    return {
      statements: statementsOf(reading),
      writing,
      // Every commit of another connection shows here, and the thread's connection is another.
      freshness: { now, holds: (stamp) => stamp === now() },
      async close() {
        await writing.drain();
        // The last connection to close tidies the WAL away, which one for reading cannot.
        reading.close();
        await writing.close();
      },
    };
  };
  return { state: open("state"), log: open("log") };
}

function dataVersion(reading: DatabaseSync): () => number {
  const version = reading.prepare("PRAGMA data_version");
  version.setReturnArrays(true);
  return () => (version.get() as unknown as [number])[0];
}

/**
 * Asks once for all that runs without a break: until the queue of promises is empty, nobody can be heard who knows of a later commit.
 * Not for longer: what a timer asked would outlive the next poll, and a call that came in with it.
 */
function oncePerBreath(ask: () => number): () => number {
  let answer: number | undefined;
  const forget = () => {
    answer = undefined;
  };
  return () => {
    if (answer === undefined) {
      answer = ask();
      process.nextTick(forget);
    }
    return answer;
  };
}

function fileInMemory(database: DatabaseSync): File {
  const write = groupWriter(database);
  const sort = markSorter(database, "log");
  let changes = 0;
  return {
    statements: statementsOf(database),
    writing: {
      submit: (operation) =>
        new Promise((resolve, reject) => {
          const [outcome] = write([operation]);
          changes += 1;
          sort();
          settle({ resolve, reject }, outcome);
        }),
    },
    freshness: { now: () => changes, holds: (stamp) => stamp === changes },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}

interface Statements
  extends Readonly<
    Record<"get" | "scan" | "ascending" | "descending" | `${"ascending" | "descending"}${1 | 2}`, StatementSync | undefined>
  > {
  readonly search: ReturnType<typeof wordSearch> | undefined;
  /** For one reading. */
  readonly unpacker: () => Unpacker;
}

const ROW = COLUMNS.slice(1);
/** Greater than any text. */
const NO_END = new Uint8Array(0);

/** The reading statements of each table, prepared when it is first read. */
function statementsOf(database: DatabaseSync): (table: TableName) => Statements {
  const prepared = new Map<TableName, Statements>();

  function prepare(table: TableName): Statements {
    const select = (sql: string): StatementSync => {
      const statement = database.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    };
    const slice = (columns: string, pk: string, sk: string, order: "ASC" | "DESC") =>
      select(
        `SELECT ${columns} FROM "${table}" WHERE region = ? AND ${pk} = ? AND ${sk} >= ? AND ${sk} < ? ` +
          `ORDER BY ${[...new Set([sk, "pk", "sk"])].filter((column) => column !== pk).map((column) => `${column} ${order}`)} LIMIT ?`,
      );
    const found = (index: 1 | 2, order: "ASC" | "DESC") =>
      TABLES[table].indexes >= index ? slice(`pk, sk, i${index}sk`, `i${index}pk`, `i${index}sk`, order) : undefined;
    return {
      get: select(`SELECT ${ROW} FROM "${table}" WHERE region = ? AND pk = ? AND sk = ?`),
      scan: select(`SELECT ${ROW} FROM "${table}" WHERE region = ? AND (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?`),
      ascending: slice(`${ROW}`, "pk", "sk", "ASC"),
      descending: slice(`${ROW}`, "pk", "sk", "DESC"),
      ascending1: found(1, "ASC"),
      descending1: found(1, "DESC"),
      ascending2: found(2, "ASC"),
      descending2: found(2, "DESC"),
      search: "words" in TABLES[table] ? wordSearch(database, table, ROW) : undefined,
      unpacker: "packed" in TABLES[table] ? unpackers(database, table) : () => unpacked,
    };
  }

  return (table) => {
    const statements = prepared.get(table) ?? prepare(table);
    prepared.set(table, statements);
    return statements;
  };
}

function tableOf({ statements, writing, freshness }: File, name: TableName, region: string): Table {
  function slice(statement: StatementSync | undefined, query: Query): { readonly rows: Cell[][]; readonly more: boolean } {
    if (!statement) throw new Error(`The table ${name} has no such index.`);
    const range = rangeOf(query);
    if (!range) return { rows: [], more: false };
    const rows = statement.all(region, query.pk, range.from, range.to ?? NO_END, query.limit + 1) as unknown as Cell[][];
    return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  const words = marking(region);

  /** For one reading. */
  function reader(): (cells: Cell[]) => Row {
    const unpack = statements(name).unpacker();
    return (cells) => rowOf(cells, unpack(region, String(cells[0]), cells[BODY]));
  }

  return {
    freshness,
    async get({ pk, sk }) {
      const cells = statements(name).get?.get(region, pk, sk) as unknown as Cell[] | undefined;
      return cells && reader()(cells);
    },
    async query(query): Promise<RowPage> {
      const { rows, more } = slice(statements(name)[query.backwards ? "descending" : "ascending"], query);
      return { rows: rows.map(reader()), more };
    },
    async scan({ after, limit }) {
      const cells = (statements(name).scan?.all(region, after?.pk ?? "", after?.sk ?? "", limit) ?? []) as unknown as Cell[][];
      const rows = cells.map(reader());
      const last = rows.at(-1);
      return { rows, ...(last && rows.length === limit && { next: { pk: last.pk, sk: last.sk } }) };
    },
    async find(index, query): Promise<HintPage> {
      const { rows, more } = slice(statements(name)[`${query.backwards ? "descending" : "ascending"}${index}`], query);
      return { hints: rows.map(([pk, sk, indexSk]) => ({ pk: pk as string, sk: sk as string, indexSk: indexSk as string })), more };
    },
    async put(row, replacing) {
      const cells = cellsOf(region, row);
      await writing.submit(replacing === undefined ? ["insert", name, cells] : ["replace", name, [...cells, replacing]]);
    },
    async delete({ pk, sk }, version) {
      await writing.submit(["delete", name, [region, pk, sk, version]]);
    },
    async add({ pk, sk }, amount, ceiling) {
      return Number(await writing.submit(["add", name, [region, pk, sk, amount, ceiling]]));
    },
    async append(rows) {
      const [cells, ...more] = rows.map((row) => cellsOf(region, row));
      if (!cells) return;
      const { marks, written } = words.of(rows);
      await writing.submit(marks.length === 0 ? ["insert", name, cells, ...more] : ["append", name, marks, cells, ...more]);
      written();
    },
    ...("words" in TABLES[name] && {
      search: async (word: string, text: string, query: Query) => statements(name).search?.(region, word, text, query, reader()),
    }),
  };
}

/** In the order of `COLUMNS`. */
function cellsOf(region: string, { pk, sk, version, body, mac, index1, index2, expires }: Row): Cell[] {
  // The tag is copied, because a view would cross to the thread with all of the memory that it looks at.
  const [tag, key] = mac ? [Uint8Array.from(mac.tag), mac.key] : NOTHING;
  const [i1pk, i1sk] = index1 ? [index1.pk, index1.sk] : NOTHING;
  const [i2pk, i2sk] = index2 ? [index2.pk, index2.sk] : NOTHING;
  return [region, pk, sk, version, body, tag, key, i1pk, i1sk, i2pk, i2sk, expires ?? null];
}

const NOTHING = [null, null] as const;

/** Where `ROW` has the body. */
const BODY = ROW.indexOf("body");
const unpacked: Unpacker = (_region, _pk, body) => body as string;

/** Out of the order of `COLUMNS`, without the Region. What cannot be read says nothing. */
function rowOf([pk, sk, version, , tag, key, i1pk, i1sk, i2pk, i2sk, expires]: Cell[], body = ""): Row {
  return {
    ...({ pk, sk, version, body } as Pick<Row, "pk" | "sk" | "version" | "body">),
    ...(tag === null ? {} : { mac: { tag, key } as Required<Row>["mac"] }),
    ...(i1pk === null ? {} : { index1: { pk: i1pk, sk: i1sk } as RowKey }),
    ...(i2pk === null ? {} : { index2: { pk: i2pk, sk: i2sk } as RowKey }),
    ...(expires === null ? {} : { expires: expires as number }),
  };
}
