import type { Database, TableName } from "#store";
import type { Table } from "#store/port";

/** A database that counts what it is asked: each read and each row that is written is one request to DynamoDB. */
export function counting(database: Database) {
  let reads = 0;
  let writes = 0;
  const read = <A extends unknown[], R>(ask: (...args: A) => R) => {
    return (...args: A): R => {
      reads += 1;
      return ask(...args);
    };
  };
  const write = <A extends unknown[], R>(ask: (...args: A) => R) => {
    return (...args: A): R => {
      writes += 1;
      return ask(...args);
    };
  };

  return {
    table(name: TableName, region: string): Table {
      const { freshness, get, query, scan, find, put, delete: remove, add, append } = database.table(name, region);
      const append1 = write(append);
      return {
        freshness,
        ...{ get: read(get), query: read(query), scan: read(scan), find: read(find) },
        ...{ put: write(put), delete: write(remove), add: write(add) },
        async append(rows) {
          for (const row of rows) await append1([row]);
        },
      };
    },
    close: () => database.close(),
    /** Since it was last asked. */
    taken(): { readonly reads: number; readonly writes: number } {
      const counts = { reads, writes };
      reads = 0;
      writes = 0;
      return counts;
    },
  };
}
