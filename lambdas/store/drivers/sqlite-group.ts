import type { DatabaseSync, StatementSync } from "node:sqlite";
import { TABLES, type TableName } from "../tables.ts";
import { type Cell, COLUMNS, patiently } from "./sqlite-schema.ts";
import { packer } from "./sqlite-segments.ts";
import { markWriter } from "./sqlite-words.ts";

/**
 * One conditional write, as arrays of primitives: what crosses threads soonest.
 *
 * - `insert`: the cells of each row; all rows or none, and only if none of them is there.
 * - `append`: marks, and the cells of each row, as `insert`.
 * - `replace`: the cells of a row, and the version it must have.
 * - `delete`: region, pk, sk, and the version it must have.
 * - `add`: region, pk, sk, amount, ceiling.
 */
export type Operation = readonly [
  kind: "insert" | "append" | "replace" | "delete" | "add",
  table: TableName,
  cells: Cells,
  ...more: Cells[],
];
type Cells = readonly Cell[];

/** What became of an operation: undefined or a sum when it was done, and otherwise why nothing of it was. */
export type Outcome = undefined | number | "conflict" | "ceiling" | Failure;

/** An error of SQLite's, in a shape that crosses threads whole. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly errcode?: number;
}

/**
 * Writes groups of operations, each group in one transaction.
 *
 * Each operation is judged by itself, in order, inside the transaction: one that is refused leaves the others alone. Only what the disk or the
 * file refuses (no space, no permission, held by others for too long) fails all of the group, and nothing of it is written.
 */
export function groupWriter(database: DatabaseSync): (operations: readonly Operation[]) => Outcome[] {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const save = database.prepare("SAVEPOINT operation");
  const release = database.prepare("RELEASE operation");
  const undo = database.prepare("ROLLBACK TO operation");
  const prepared = new Map<TableName, Statements>();

  function statementsOf(table: TableName): Statements {
    const statements = prepared.get(table) ?? prepare(database, table);
    prepared.set(table, statements);
    return statements;
  }

  function apply(operation: Operation): Outcome {
    const [kind, table, cells] = operation;
    const statements = statementsOf(table);
    switch (kind) {
      case "insert":
        return operation.length === 3 ? insertOne(statements, cells) : insertAll(statements, [], operation.slice(2) as Cells[]);
      case "append":
        return insertAll(statements, cells, operation.slice(3) as Cells[]);
      case "replace":
        return done(statements.replace.run(...cells));
      case "delete":
        return done(statements.delete.run(...cells));
      case "add":
        return add(statements, cells);
    }
  }

  /** One that is refused left segments, perhaps, of a partition without rows. */
  function insertOne({ insert, forget }: Statements, cells: Cells): Outcome {
    const outcome = done(insert(cells));
    if (outcome !== undefined) forget();
    return outcome;
  }

  function insertAll({ insert, mark, forget }: Statements, marks: Cells, rows: readonly Cells[]): Outcome {
    save.run();
    let outcome: Outcome = "conflict";
    try {
      mark(marks);
      if (rows.every((cells) => insert(cells).changes === 1)) outcome = undefined;
    } finally {
      if (database.isTransaction) {
        if (outcome !== undefined) {
          undo.run();
          forget();
        }
        release.run();
      }
    }
    return outcome;
  }

  return (operations) => {
    try {
      patiently(() => begin.run());
      const outcomes = operations.map((operation) => {
        try {
          return apply(operation);
        } catch (cause) {
          // SQLite has undone the statement or, if it could not, the whole transaction: nothing that was packed for it counts.
          for (const { forget } of prepared.values()) forget();
          if (!database.isTransaction) throw cause;
          return failureOf(cause);
        }
      });
      commit.run();
      return outcomes;
    } catch (cause) {
      if (database.isTransaction) database.exec("ROLLBACK");
      for (const { forget } of prepared.values()) forget();
      const failure = failureOf(cause);
      return operations.map(() => failure);
    }
  };
}

interface Statements extends Readonly<Record<"replace" | "delete" | "counter" | "count" | "firstCount", StatementSync>> {
  readonly insert: (cells: Cells) => ReturnType<StatementSync["run"]>;
  readonly mark: (marks: Cells) => void;
  /** To be called when what was inserted is undone. */
  readonly forget: () => void;
}

const BODY = COLUMNS.indexOf("body");

function prepare(database: DatabaseSync, table: TableName): Statements {
  const set = COLUMNS.slice(3).map((column, i) => `${column} = ?${i + 4}`);
  const insert = database.prepare(`INSERT INTO "${table}" (${COLUMNS}) VALUES (${COLUMNS.map(() => "?")}) ON CONFLICT DO NOTHING`);
  const { pack, forget } = "packed" in TABLES[table] ? packer(database, table) : UNPACKED;
  const one = "region = ?1 AND pk = ?2 AND sk = ?3";
  return {
    insert: (cells) => insert.run(...(pack ? cells.with(BODY, pack(String(cells[0]), String(cells[1]), String(cells[BODY]))) : cells)),
    forget,
    replace: database.prepare(`UPDATE "${table}" SET ${set} WHERE ${one} AND version = ?${COLUMNS.length + 1}`),
    delete: database.prepare(`DELETE FROM "${table}" WHERE ${one} AND version = ?4`),
    counter: database.prepare(`SELECT body FROM "${table}" WHERE ${one}`),
    count: database.prepare(`UPDATE "${table}" SET body = ?4, version = version + 1 WHERE ${one}`),
    mark: "words" in TABLES[table] ? markWriter(database, table) : () => undefined,
    firstCount: database.prepare(`INSERT INTO "${table}" (region, pk, sk, version, body) VALUES (?1, ?2, ?3, 1, ?4)`),
  };
}

const UNPACKED = { pack: undefined, forget: () => {} };

const done = ({ changes }: { readonly changes: number | bigint }): Outcome => (changes === 1 ? undefined : "conflict");

function add({ counter, count, firstCount }: Statements, [region = null, pk = null, sk = null, amount, ceiling]: Cells): Outcome {
  const row = counter.get(region, pk, sk);
  const sum = (row ? Number(row["body"]) : 0) + Number(amount);
  if (!Number.isSafeInteger(sum)) throw new Error("The row is not a counter.");
  if (sum > Number(ceiling)) return "ceiling";
  (row ? count : firstCount).run(region, pk, sk, String(sum));
  return sum;
}

function failureOf(cause: unknown): Failure {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const { message, code, errcode } = cause as Error & { readonly code?: string; readonly errcode?: number };
  return { message, ...(code === undefined ? {} : { code }), ...(errcode === undefined ? {} : { errcode }) };
}
