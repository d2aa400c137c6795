/** A store on disk, in the hands of somebody who has the database and not the root. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { openSqlite } from "#store/drivers/sqlite";
import { startService, testRoot } from "../service.ts";

/** A row as it lies in the file. */
export interface Stored {
  readonly table: string;
  readonly region: string;
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly body: Buffer;
  readonly tag: Buffer | null;
  readonly mac_key: number | null;
}

export type Change = Partial<Record<"version" | "body" | "tag" | "mac_key" | "pk" | "sk" | "region", SQLInputValue>>;

const TABLES = ["keys", "principals", "domains", "shared-domains", "shared-keys"];
const ADDRESS = "region = ? AND pk = ? AND sk = ?";

export async function startTampered() {
  const folder = mkdtempSync(join(tmpdir(), "trent-tamper-"));
  const database = openSqlite({ folder });
  const root = testRoot();
  const service = await startService({ database, root });
  const file = new DatabaseSync(join(folder, "state.db"), { timeout: 5000 });
  file.exec("PRAGMA synchronous = OFF");

  const rows = (): Stored[] =>
    TABLES.flatMap((table) =>
      file
        .prepare(`SELECT region, pk, sk, version, CAST(body AS BLOB) AS body, tag, mac_key FROM "${table}"`)
        .all()
        .map((row) => {
          const { body, tag, ...rest } = row as unknown as { body: Uint8Array; tag: Uint8Array | null };
          return { table, ...rest, body: Buffer.from(body), tag: tag && Buffer.from(tag) } as Stored;
        }),
    );

  /** Writes over columns of a row; a body is stored as text, whatever its bytes. */
  function write({ table, region, pk, sk }: Stored, change: Change): void {
    const columns = Object.keys(change).map((column) => `${column} = ${column === "body" ? "CAST(? AS TEXT)" : "?"}`);
    file.prepare(`UPDATE "${table}" SET ${columns} WHERE ${ADDRESS}`).run(...Object.values(change), region, pk, sk);
  }

  function insert({ table, region, pk, sk, version, body, tag, mac_key }: Stored): void {
    const columns = "region, pk, sk, version, body, tag, mac_key";
    file
      .prepare(`INSERT INTO "${table}" (${columns}) VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?)`)
      .run(region, pk, sk, version, body, tag, mac_key);
  }

  return {
    service,
    database,
    root,
    file,
    rows,
    /** The one row with this sort key, and this in its partition key. */
    row(sk: string, pk = ""): Stored {
      const [found, ...others] = rows().filter((row) => row.sk === sk && row.pk.includes(pk));
      if (!found || others.length > 0) throw new Error(`${others.length} more rows ${pk} ${sk}`);
      return found;
    },
    insert,
    remove: ({ table, region, pk, sk }: Stored) => file.prepare(`DELETE FROM "${table}" WHERE ${ADDRESS}`).run(region, pk, sk),

    /** Changes a row, does something, and puts the row back as it was. */
    async changed<T>(row: Stored, change: Change, act: () => Promise<T>): Promise<T> {
      write(row, change);
      const moved = { ...row, ...change } as Stored;
      try {
        return await act();
      } finally {
        const { version, body, tag, mac_key, pk, sk, region } = row;
        write(moved, { version, body, tag, mac_key, pk, sk, region });
      }
    },

    async stop(): Promise<void> {
      await service.stop();
      file.close();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The bytes with one of them changed. */
export function flipped(bytes: Buffer, at: number, bits: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ bits;
  return changed;
}

/** Positions in so many bytes: every one, or every n-th and the last. */
export const positions = (length: number, step: number): number[] =>
  Array.from({ length }, (_, at) => at).filter((at) => at % step === 0 || at === length - 1);
