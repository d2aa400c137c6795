/**
 * Operation -> tables and levels: what the function that serves it may touch.
 *
 * Derived from the declarations, so that nobody keeps a second list: `lib` makes roles and variables of it, a handler knows its tables by it,
 * and a test holds every deployed bundle to it.
 */
import type { Access, AnyOperation } from "#operation";

/** The tables that functions touch, in the order in which they are told. */
const TABLES = ["keys", "domains", "shared-keys", "shared-domains", "principals", "log", "quotas"] as const;
type TableName = (typeof TABLES)[number];

/** `write` includes reading; `append` adds rows and does nothing else, `add` adds to counters, `read-append` and
 * `read-add` read too and change nothing else. */
export type Level = "read" | "write" | "append" | "read-append" | "add" | "read-add";

export type RootName = "control" | "material";

/** What one function may touch. Functions with equal profiles can share a role. */
export interface AccessProfile {
  readonly tables: { readonly [T in TableName]?: Level };
  readonly roots: readonly RootName[];
}

/** Where each aggregate lives. New material becomes part of its key's item. */
const TABLE_OF: { readonly [A in keyof Access]-?: TableName | undefined } = {
  keys: "keys",
  aliases: "keys",
  grants: "keys",
  multiRegion: "shared-keys",
  principals: "principals",
  sessions: undefined,
  lastUses: "principals",
  material: undefined,
  imports: "keys",
  closings: "keys",
  log: "log",
  intents: "log",
  seals: "log",
  quotaRequests: "quotas",
};

/** What each level is, when there is reading too. */
const READING: Readonly<Record<Level, Level>> = {
  read: "read",
  write: "write",
  append: "read-append",
  "read-append": "read-append",
  add: "read-add",
  "read-add": "read-add",
};

/** What the path of every call touches: the keys of the MACs, who signed, the record of it, and what it is charged. */
const EVERY_CALL = { domains: "read", "shared-domains": "read", principals: "read-add", log: "append", quotas: "add" } as const;

/**
 * The access of the function that serves these operations.
 *
 * The material root is for those that use the material of a key they name (`usage`, unless its public half does), make new (`uses.material`), or
 * keep and open what it is wrapped under on its way here (`uses.imports`).
 */
export function accessOf(...operations: readonly AnyOperation[]): AccessProfile {
  const levels: { [T in TableName]?: Level } = { ...EVERY_CALL };
  const raise = (table: TableName | undefined, level: Level) => {
    if (table === undefined || levels[table] === "write") return;
    levels[table] = level === "read" ? READING[levels[table] ?? "read"] : level;
  };
  for (const { on, uses } of operations) {
    for (const { predefined } of Object.values(on ?? {})) {
      raise("keys", predefined ? "write" : "read");
      // A replica that is being made is known by what its primary key's Region says.
      raise("shared-keys", "read");
    }
    for (const [aggregate, level] of Object.entries(uses))
      if (level !== "issue") raise(TABLE_OF[aggregate as keyof Access], level === "keep" ? "write" : level);
  }
  return {
    tables: Object.fromEntries(TABLES.flatMap((table) => (levels[table] ? [[table, levels[table]]] : []))),
    roots: operations.some(touchesMaterial) ? ["control", "material"] : ["control"],
  };
}

const touchesMaterial = ({ on = {}, uses }: AnyOperation): boolean =>
  uses.material !== undefined ||
  uses.imports !== undefined ||
  Object.values(on).some(({ usage, publicHalf, predefined }) => predefined || (usage !== undefined && !publicHalf));

/** The environment variable that holds the physical name of a table: `TABLE_SHARED_DOMAINS`. */
export const variableOf = (table: string): string => `TABLE_${table.toUpperCase().replaceAll("-", "_")}`;
