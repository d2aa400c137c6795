import type { Database, TableName } from "#store";
import type { Row, Table } from "#store/port";

/** Stands before a write: returns for it to happen, throws for it not to, waits for it to wait. */
export type Before = (table: TableName, rows: readonly Row[]) => void | Promise<void>;

/** A database whose writes can be made to fail or to wait, as a full or a slow disk makes them. */
export function faulty(database: Database) {
  let before: Before = () => {};
  const tables = new Map<string, Table>();

  function wrap(name: TableName, table: Table): Table {
    return {
      ...table,
      async put(row, replacing) {
        await before(name, [row]);
        await table.put(row, replacing);
      },
      async append(rows) {
        await before(name, rows);
        await table.append(rows);
      },
    };
  }

  return {
    ...database,
    table(name: TableName, region: string): Table {
      const table = tables.get(`${name} ${region}`) ?? wrap(name, database.table(name, region));
      tables.set(`${name} ${region}`, table);
      return table;
    },
    /** From now on; by default all is well again. */
    strike(with_: Before = () => {}): void {
      before = with_;
    },
  };
}

const full = (): never => {
  throw new Error("database or disk is full");
};
const isIntent = ({ sk }: Row): boolean => sk.includes("#I");
const isCall = ({ pk }: Row): boolean => !pk.endsWith("#DAYS") && !pk.startsWith("WRITERS#");

/** The log takes no intents. */
export const noIntents: Before = (table, rows) => void (table === "log" && rows.some((row) => isIntent(row)) && full());
/** The log takes intents, but no records. */
export const noRecords: Before = (table, rows) => void (table === "log" && rows.some((row) => isCall(row) && !isIntent(row)) && full());
/** The log takes nothing. */
export const noLog: Before = (table) => void (table === "log" && full());
/** Nothing can be written. */
export const nothing: Before = full;
