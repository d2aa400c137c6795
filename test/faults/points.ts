import { writeSync } from "node:fs";
import type { Database, Row, RowKey, Table } from "#store/port";

/** A database under a process that can be told where to die. */
export interface Mined {
  readonly database: Database;
  /** The process kills itself at the so-manieth point from now on; 0: at none. Answers how many it has passed since it was last told. */
  arm(point: number): number;
}

/**
 * Two points around every write, whichever table it is of: before it was asked for, and after it was done but before anybody knows.
 *
 * The list of them is the code's own: all that Trent changes, it changes through these four methods of the port.
 */
export function mined(database: Database): Mined {
  const tables = new Map<string, Table>();
  let passed = 0;
  let deadly = 0;

  async function point(when: "before" | "after", what: string): Promise<void> {
    passed += 1;
    if (passed !== deadly) return;
    writeSync(process.stderr.fd, `killed ${when} ${what}\n`);
    process.kill(process.pid, "SIGKILL");
    await new Promise<never>(() => {});
  }

  async function between<T>(what: string, write: () => Promise<T>): Promise<T> {
    await point("before", what);
    const answer = await write();
    await point("after", what);
    return answer;
  }

  function around(table: Table, name: string): Table {
    const at = (verb: string, { pk, sk }: RowKey) => `${verb} ${name} ${pk} ${sk}`;
    return {
      ...table,
      put: (row, replacing) => between(at("put", row), () => table.put(row, replacing)),
      delete: (key, version) => between(at("delete", key), () => table.delete(key, version)),
      add: (key, amount, ceiling) => between(at("add", key), () => table.add(key, amount, ceiling)),
      append: (rows) => between(at("append", rows[0] as Row), () => table.append(rows)),
    };
  }

  return {
    database: {
      table(name, region) {
        const table = tables.get(`${name} ${region}`) ?? around(database.table(name, region), name);
        tables.set(`${name} ${region}`, table);
        return table;
      },
      close: () => database.close(),
    },
    arm(point) {
      const before = passed;
      [passed, deadly] = [0, point];
      return before;
    },
  };
}
