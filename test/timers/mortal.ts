import type { Database } from "#store";
import { openSqlite } from "#store/drivers/sqlite";

/** A database that, once told to, takes so many writes and then none. */
export function mortal() {
  const whole = openSqlite({ memory: true });
  let left = Number.POSITIVE_INFINITY;
  const write = async (action: () => Promise<void>) => {
    left -= 1;
    if (left < 0) throw new Error("The store is gone.");
    await action();
  };
  const database: Database = {
    table(name, region) {
      const table = whole.table(name, region);
      return {
        ...table,
        put: (row, replacing) => write(() => table.put(row, replacing)),
        delete: (key, version) => write(() => table.delete(key, version)),
        append: (rows) => write(() => table.append(rows)),
      };
    },
    close: () => whole.close(),
  };
  return {
    database,
    /** Writes that are still taken. */
    dieAfter: (writes: number) => {
      left = writes;
    },
    recover: () => {
      left = Number.POSITIVE_INFINITY;
    },
    survived: () => left >= 0,
  };
}
