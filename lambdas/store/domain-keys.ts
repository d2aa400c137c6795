/**
 * Domain keys: the keys under the roots. They wrap materials, make the MACs of items, and seal secrets and tokens.
 *
 * Each is an item of its own in a table that is never restored to an earlier time, wrapped under one of the two roots, bound to its place by
 * the wrapping.
 */
import type { KeyObject } from "node:crypto";
import { DecryptionError, generateKey, unwrapKey, wrapKey } from "@trent/crypto";
import { Conflict, type Database, type RowKey, type Table } from "./port.ts";
import { GLOBAL } from "./tables.ts";

/** Where the roots come from; neither is ever in the store. */
export interface Roots {
  /** Wraps the domain keys of MACs, tokens and secrets. */
  control(): Promise<KeyObject>;
  /** Wraps the domain keys of materials, and nothing else. */
  material(): Promise<KeyObject>;
  /** The one whose place this one is taking: it may have wrapped what is not wrapped anew yet. Absent where roots are not rotated. */
  former?(): Promise<Roots | undefined>;
}

const REGIONAL = { material: "material", mac: "control" } as const;
const SHARED = { material: "material", mac: "control", token: "control", secret: "control" } as const;
export type DomainKeyName = keyof typeof SHARED;

export interface DomainKey {
  readonly version: number;
  readonly key: KeyObject;
}

/** The MAC keys of one scope: the current one, and each that made a stored MAC. */
export interface MacKeys {
  readonly current: DomainKey;
  version(version: number): KeyObject | undefined | Promise<KeyObject | undefined>;
}

/** The domain keys of one Region, or of what all Regions share. */
export interface DomainKeys {
  /** The one to wrap under: the newest that the store has at this moment, of those that are rotated. @throws {DomainKeysMissing} */
  current(name: DomainKeyName): Promise<DomainKey>;
  version(name: DomainKeyName, version: number): Promise<KeyObject | undefined>;
}

/**
 * Whether a domain key is the current one: to be asked when something has been written under it. Then it was written before a rotation began, which
 * finds it; if not, the domain key may be destroyed, and it has to be written again.
 */
export async function isCurrent(keys: DomainKeys, name: DomainKeyName, version: number): Promise<boolean> {
  return (await keys.current(name)).version === version;
}

/** The store has no domain keys here (yet): it was never initialised, or has not been replicated to this Region. */
export class DomainKeysMissing extends Error {
  override readonly name = "DomainKeysMissing";
}

/** A domain key that the root does not open: it is another store's root, or the row was changed. */
export class WrongRoot extends Error {
  override readonly name = "WrongRoot";
}

/** What is under any other is not looked for: MACs, and what is derived of them, are the same for ever; tokens end by themselves. */
const ROTATED: readonly DomainKeyName[] = ["material", "secret"];

export const domainTable = (database: Database, region: string): Table =>
  database.table(region === GLOBAL ? "shared-domains" : "domains", region);
export const domainRowKey = (name: DomainKeyName, version: number) => ({ pk: `DOMAIN#${name}`, sk: `V#${version}` });
/** More versions than there ever are: one is destroyed before the next but one is made. */
const VERSIONS = 100;

/** The numbers of the versions of a domain key that are in the store, ascending. */
export async function versionsOf(table: Table, name: DomainKeyName): Promise<readonly number[]> {
  const { rows } = await table.query({ pk: `DOMAIN#${name}`, prefix: "V#", limit: VERSIONS });
  return rows.map(({ sk }) => Number(sk.slice("V#".length))).sort((a, b) => a - b);
}

const boundTo = (region: string, name: DomainKeyName, version: number, created: number) => [
  "domain key",
  region,
  name,
  String(version),
  String(created),
];

/** The body of a domain key's row: one text for one key, so that a change of any byte shows. */
const bodyOf = (wrapped: Uint8Array, created: number): string =>
  JSON.stringify({ wrapped: Buffer.from(wrapped).toString("base64"), created });

/** Undefined when it is not as `bodyOf` wrote it. */
function bodyFrom(body: string): { readonly wrapped: Uint8Array; readonly created: number } | undefined {
  try {
    const { wrapped, created } = JSON.parse(body);
    const bytes = Buffer.from(wrapped, "base64");
    return bodyOf(bytes, created) === body ? { wrapped: bytes, created } : undefined;
  } catch {
    return undefined;
  }
}

/** When the domain key of a row was made, in milliseconds: not believed before it was opened. */
export const createdIn = (body: string): number | undefined => bodyFrom(body)?.created;

/** Reads domain keys as they are needed; each is unwrapped once. */
export function domainKeys(database: Database, region: string, roots: Roots): DomainKeys {
  const table = domainTable(database, region);
  const opened = new Map<string, Promise<KeyObject | undefined>>();

  async function open(name: DomainKeyName, version: number): Promise<KeyObject | undefined> {
    const row = await table.get(domainRowKey(name, version));
    if (!row) return undefined;
    const stored = row.version === 1 ? bodyFrom(row.body) : undefined;
    if (!stored) throw new WrongRoot(`The domain key ${name} ${version} of ${region} is not what was written.`);
    const bound = boundTo(region, name, version, stored.created);
    const opened = unwrapped(await roots[SHARED[name]](), stored.wrapped, bound) ?? (await formerly(name, stored.wrapped, bound));
    if (!opened) throw new WrongRoot(`The root does not open the domain key ${name} ${version} of ${region}.`);
    return opened;
  }

  async function formerly(name: DomainKeyName, wrapped: Uint8Array, bound: readonly string[]): Promise<KeyObject | undefined> {
    const former = await roots.former?.();
    return former && unwrapped(await former[SHARED[name]](), wrapped, bound);
  }

  async function version(name: DomainKeyName, wanted: number): Promise<KeyObject | undefined> {
    const id = `${name} ${wanted}`;
    const opening = opened.get(id) ?? open(name, wanted);
    opened.set(id, opening);
    let key: KeyObject | undefined;
    try {
      key = await opening;
      return key;
    } finally {
      // What could not be had is asked for again the next time.
      if (!key) opened.delete(id);
    }
  }

  const newest = new Map<DomainKeyName, { readonly version: number; readonly stamp: number }>();

  async function newestOf(name: DomainKeyName): Promise<number> {
    if (!ROTATED.includes(name)) return 1;
    const stamp = table.freshness.now();
    const known = newest.get(name);
    if (known && (known.stamp === stamp || table.freshness.holds(known.stamp))) return known.version;
    const versions = await versionsOf(table, name);
    const found = versions.at(-1) ?? 1;
    newest.set(name, { version: found, stamp });
    // What was destroyed is not kept here either.
    for (const id of opened.keys()) {
      const [of, number] = id.split(" ");
      if (of === name && !versions.includes(Number(number))) opened.delete(id);
    }
    return found;
  }

  return {
    version,
    async current(name) {
      const number = await newestOf(name);
      const key = await version(name, number);
      if (!key) throw new DomainKeysMissing(`There is no domain key ${name} for ${region}.`);
      return { version: number, key };
    },
  };
}

/** Undefined when it is not under this root. */
function unwrapped(root: KeyObject, wrapped: Uint8Array, bound: readonly string[]): KeyObject | undefined {
  try {
    return unwrapKey(root, wrapped, bound);
  } catch (cause) {
    if (cause instanceof DecryptionError) return undefined;
    throw cause;
  }
}

/**
 * Wraps the domain keys of a scope anew that are still under the former root, each by one write; answers how many they were.
 * @throws {WrongRoot} when one opens under neither.
 */
export async function rewrapDomainKeys(database: Database, region: string, roots: Roots): Promise<number> {
  const table = domainTable(database, region);
  const kept = domainKeys(database, region, roots);
  let count = 0;
  for (let after: RowKey | undefined; ; ) {
    const page = await table.scan({ after, limit: 100 });
    for (const row of page.rows) {
      const [name, number] = [row.pk.slice("DOMAIN#".length) as DomainKeyName, Number(row.sk.slice("V#".length))];
      const key = await kept.version(name, number);
      const stored = bodyFrom(row.body);
      if (!key || !stored) throw new WrongRoot(`The domain key ${name} ${number} of ${region} is not what was written.`);
      const [root, bound] = [await roots[SHARED[name]](), boundTo(region, name, number, stored.created)];
      if (unwrapped(root, stored.wrapped, bound)) continue;
      const body = bodyOf(wrapKey(root, key, bound), stored.created);
      // The same key in another wrapping: it stays version 1, and whoever does the same at once does no harm.
      await table.put({ pk: row.pk, sk: row.sk, version: 1, body }, 1);
      count += 1;
    }
    if (!page.next) return count;
    after = page.next;
  }
}

/** The MAC keys of a scope, the current one at hand. @throws {DomainKeysMissing | WrongRoot} */
export async function macKeys(keys: DomainKeys): Promise<MacKeys> {
  const current = await keys.current("mac");
  return { current, version: (version) => (version === current.version ? current.key : keys.version("mac", version)) };
}

/**
 * Makes the domain keys of a scope that are not there yet.
 *
 * Safe to run many times at once: each key is put if absent, and only what is read back afterwards is ever used. They are made in order, so one
 * that is there while an earlier one is not was lost, and is not made again: what it protects would be lost with it, without a word.
 * @throws {WrongRoot} when one that is there does not open, or one is lost.
 */
export async function ensureDomainKeys(database: Database, region: string, roots: Roots, now: Date): Promise<void> {
  const table = domainTable(database, region);
  const kept = domainKeys(database, region, roots);
  const inOrder = Object.entries(region === GLOBAL ? SHARED : REGIONAL) as [DomainKeyName, "control" | "material"][];
  const missing: typeof inOrder = [];
  // From the last to the first: somebody else may be making them meanwhile.
  for (const one of inOrder.toReversed()) if ((await versionsOf(table, one[0])).length === 0) missing.unshift(one);
  const [first] = missing;
  if (first && inOrder.indexOf(first) !== inOrder.length - missing.length) {
    throw new WrongRoot(`The domain key ${first[0]} 1 of ${region} is missing.`);
  }
  for (const [name] of missing) await makeDomainKey(database, region, name, 1, roots, now);
  for (const [name] of inOrder) await kept.current(name);
}

/** Makes a version of a domain key, unless it is there. */
export async function makeDomainKey(
  database: Database,
  region: string,
  name: DomainKeyName,
  version: number,
  roots: Roots,
  now: Date,
): Promise<void> {
  const created = now.getTime();
  const wrapped = wrapKey(await roots[SHARED[name]](), generateKey(), boundTo(region, name, version, created));
  const row = { ...domainRowKey(name, version), version: 1, body: bodyOf(wrapped, created) };
  await domainTable(database, region).put(row).catch(ignoreConflict);
}

function ignoreConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
