/** The tables of a Trent: their scope, indexes and lifetimes as data. Both drivers and `lib` read it. */
interface TableSchema {
  /** `regional`: one in each Region. `global`: one, replicated to every Region. */
  readonly scope: "regional" | "global";
  /** Secondary indexes; each projects keys only, because an index row is a hint. */
  readonly indexes: 0 | 1 | 2;
  /** Rows are only ever added. */
  readonly appendOnly?: true;
  /** Rows with `expires` are dropped by the database some time after it. */
  readonly expires?: true;
  /** Rows are found by the words that they were appended with, on SQLite. */
  readonly words?: true;
  /** What its rows say has much in common, and is stored so, on SQLite. */
  readonly packed?: true;
  /** No point-in-time recovery: what is deleted here must be gone. */
  readonly shreddable?: true;
}

export const TABLES = {
  keys: { scope: "regional", indexes: 2, expires: true },
  domains: { scope: "regional", indexes: 0, shreddable: true },
  "shared-keys": { scope: "global", indexes: 0 },
  "shared-domains": { scope: "global", indexes: 0, shreddable: true },
  principals: { scope: "global", indexes: 0 },
  log: { scope: "regional", indexes: 1, appendOnly: true, expires: true, words: true, packed: true },
  quotas: { scope: "regional", indexes: 0 },
} as const satisfies Record<string, TableSchema>;

export type TableName = keyof typeof TABLES;

/** The Region that rows of global tables are stored and authenticated under. */
export const GLOBAL = "global";
