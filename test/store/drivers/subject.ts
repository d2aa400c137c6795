import { Conflict, type Database, type RowKey, type Table } from "#store/port";

export const REGIONS = ["eu-west-1", "us-east-1"] as const;

/** An empty store, and ways to open it. */
export interface Store {
  open(): Database;
  stop(): Promise<void>;
}

export interface Engine {
  start(): Promise<Store>;
  /** Whether what is opened twice is one store. */
  readonly shared: boolean;
  /** Whether an append of many rows is one write. */
  readonly atomicAppends: boolean;
  /** How many callers contend for one row, of those who can be waited for. */
  readonly contenders: number;
  /** How long a changed row may stay unnoticed. */
  readonly cacheMs: number;
}

/** What the tests of one engine are about, from when they run. */
export interface Subject {
  readonly engine: Engine;
  readonly store: Store;
  readonly database: Database;
  readonly keys: Table;
  readonly quotas: Table;
  readonly log: Table;
  /** A partition that no other test uses. */
  partition(): string;
}

export const mac = { tag: Uint8Array.from({ length: 32 }, (_, i) => i * 8), key: 3 };

/** Counts up in a row's body, each time from what is read, until it was `times` the one to do so. */
export async function increments(table: Table, key: RowKey, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const row = await table.get(key);
    if (!row) throw new Error("The row is gone.");
    const { n } = JSON.parse(row.body) as { readonly n: number };
    try {
      await table.put({ ...row, version: row.version + 1, body: JSON.stringify({ n: n + 1 }) }, row.version);
      done += 1;
    } catch (cause) {
      if (!(cause instanceof Conflict)) throw cause;
    }
  }
}
