/**
 * Domain keys that come to an end: what is under one is wrapped anew under the next, and the one before is destroyed. Then nothing opens any more
 * that was deleted meanwhile, whoever kept a copy of its row: the domain key that it was under is nowhere.
 *
 * Writers ask for the newest version each time (`DomainKeys.current`), so the next is made first; and once more when they have written (`isCurrent`,
 * `keptOpen`), because a look may have passed the row before it was there. Whatever else comes to be under a domain key, such as the materials of
 * multi-Region keys, needs its line in `rewrap`, and who writes it this question, or it is lost.
 */
import { rewrapAccessKey } from "./access-keys.ts";
import { rewrapAuditKeys } from "./audit-keys.ts";
import {
  createdIn,
  type DomainKeyName,
  type DomainKeys,
  domainKeys,
  domainRowKey,
  domainTable,
  macKeys,
  makeDomainKey,
  type Roots,
  versionsOf,
} from "./domain-keys.ts";
import { rewrapImport } from "./imports.ts";
import { type Gate, type Items, itemsOf } from "./items.ts";
import { keyStore } from "./keys.ts";
import { materialsOf } from "./materials.ts";
import { rewrapSharedMaterial } from "./multi-region.ts";
import { Conflict, type Database, type RowKey, type Table } from "./port.ts";
import { GLOBAL } from "./tables.ts";
import { type Announce, together } from "./together.ts";

/** The domain keys of a scope that are rotated: of a Region the one of materials, of what all share those of secrets and of multi-Region keys. */
const rotatedIn = (region: string): readonly DomainKeyName[] => (region === GLOBAL ? ["secret", "material"] : ["material"]);

/** Makes the next version of each domain key of a scope, unless there is one already that has not taken the place of the one before. */
export async function beginDomainKey(database: Database, region: string, roots: Roots, now: Date): Promise<void> {
  for (const name of rotatedIn(region)) {
    const versions = await versionsOf(domainTable(database, region), name);
    const newest = versions.at(-1);
    if (newest !== undefined && versions.length === 1) await makeDomainKey(database, region, name, newest + 1, roots, now);
  }
}

/**
 * Since when a scope has the domain keys that it has, in milliseconds; 0 when a rotation of it was begun and has not ended; undefined where it has
 * none. A hint: who has the database can change it.
 */
export async function domainKeySince(database: Database, region: string): Promise<number | undefined> {
  const table = domainTable(database, region);
  let since: number | undefined;
  for (const name of rotatedIn(region)) {
    const [version, ...others] = await versionsOf(table, name);
    if (version === undefined) continue;
    const row = others.length === 0 ? await table.get(domainRowKey(name, version)) : undefined;
    since = Math.min(since ?? Number.POSITIVE_INFINITY, row ? (createdIn(row.body) ?? 0) : 0);
  }
  return since;
}

/** Destroys all versions but the newest: nothing may be under them any more. Answers how many they were. */
export async function endDomainKey(database: Database, region: string): Promise<number> {
  const table = domainTable(database, region);
  let count = 0;
  for (const name of rotatedIn(region)) {
    const former = (await versionsOf(table, name)).slice(0, -1);
    for (const version of former) {
      const row = await table.get(domainRowKey(name, version));
      if (row) await table.delete(row, row.version);
    }
    count += former.length;
  }
  return count;
}

/**
 * Looks at everything that can be under the domain key of a scope, and wraps anew what is not under the newest version; answers how much that was.
 * 0: nothing was under another, unless somebody wrote it behind this one's back.
 * @param regions whose logs have keys that are under the shared domain key.
 * @throws {Tampered} and whatever says what does not open.
 */
export async function rewrap(
  database: Database,
  region: string,
  roots: Roots,
  regions: readonly string[],
  announce: Announce,
): Promise<number> {
  const keys = domainKeys(database, region, roots);
  const name = region === GLOBAL ? "principals" : "keys";
  const table = database.table(name, region);
  const items = itemsOf(table, name, region, await macKeys(keys), KEPT);
  const anew = region === GLOBAL ? rewrapShared(keys) : rewrapRegional(keys, domainKeys(database, GLOBAL, roots), region);
  let count = await each(table, announce, (row, gate) => anew(row, items.gated(gate)));
  if (region !== GLOBAL) return count;
  for (const one of regions) count += await rewrapAuditKeys(database.table("log", one), one, keys);
  return count + (await rewrapRelated(database, keys));
}

/** Each item is looked at once. */
const KEPT = 1;

function rewrapRegional(keys: DomainKeys, sharedKeys: DomainKeys, region: string) {
  const materials = materialsOf(keys, sharedKeys);

  async function rewrapKey(id: string, items: Items): Promise<boolean> {
    const store = keyStore(items, region, new Map());
    const key = await store.get(id);
    if (!key) return false;
    const rewrapped = await materials.rewrapped(key);
    if (!rewrapped) return false;
    // What its related keys know of it stays as it is.
    await store.settle(key, rewrapped);
    return true;
  }

  return async ({ pk, sk }: RowKey, items: Items): Promise<boolean> => {
    if (pk.startsWith("K#") && sk === "KEY") return rewrapKey(pk.slice("K#".length), items);
    return pk.startsWith("IMPORT#") && rewrapImport(items, keys, { pk, sk });
  };
}

function rewrapShared(keys: DomainKeys) {
  return async ({ pk, sk }: RowKey, items: Items): Promise<boolean> => sk === "AK" && rewrapAccessKey(items, keys, pk.slice("AK#".length));
}

/** What related keys have in common. It follows from what their items say, and stands in no record; each Region's copies are rewrapped as its keys. */
async function rewrapRelated(database: Database, keys: DomainKeys): Promise<number> {
  const table = database.table("shared-keys", GLOBAL);
  const items = itemsOf(table, "shared-keys", GLOBAL, await macKeys(keys), KEPT);
  const materials = materialsOf(keys, keys);
  let count = 0;
  for (let after: RowKey | undefined; ; ) {
    const { rows, next } = await table.scan({ after, limit: PAGE });
    for (const { pk, sk } of rows) if (await rewrapSharedMaterial(items, materials, { pk, sk }).catch(isConflict)) count += 1;
    if (!next) return count;
    after = next;
  }
}

/** Whoever came first wrote the row as it was or wrapped it anew: the next look tells. */
function isConflict(cause: unknown): true {
  if (cause instanceof Conflict) return true;
  throw cause;
}

const PAGE = 100;

/** Does something with each row of a table, a page at once; answers with how many there was something to do. */
async function each(table: Table, announce: Announce, action: (row: RowKey, gate: Gate) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (let after: RowKey | undefined; ; ) {
    const { rows, next } = await table.scan({ after, limit: PAGE });
    const ends = await together(
      rows.map((row) => (gate: Gate) => action(row, gate)),
      announce,
    );
    count += ends.filter(isFound).length;
    if (!next) return count;
    after = next;
  }
}

/** Whoever came first wrote the row as it was or wrapped it anew: the next look tells. */
function isFound(end: PromiseSettledResult<boolean>): boolean {
  if (end.status === "fulfilled") return end.value;
  if (end.reason instanceof Conflict) return true;
  throw end.reason;
}
