/**
 * The store: aggregates over tables, opened once per Region.
 *
 * Everything above this folder works with aggregates and never sees a row.
 */
import { mac, verifyMac } from "@trent/crypto";
import { keptSecrets } from "./access-keys.ts";
import { type AccountDirectory, accountDirectory } from "./accounts.ts";
import { type AliasReader, type AliasStore, aliasStore } from "./aliases.ts";
import { type ClosingStore, closingStore } from "./closings.ts";
import { type DomainKeys, domainKeys, macKeys, type Roots } from "./domain-keys.ts";
import { type GrantCounts, type GrantReader, type GrantStore, grantStore } from "./grants.ts";
import { importStore, type WrappingKeeper, type WrappingOpener } from "./imports.ts";
import { type Intents, intentStore } from "./intents.ts";
import { type Gate, type Items, itemsOf } from "./items.ts";
import { keptOpen } from "./kept-open.ts";
import { type KeyCounts, type KeyReader, type KeyStore, keyStore } from "./keys.ts";
import { type LastUses, lastUses } from "./last-uses.ts";
import { type LogOptions, type LogWriter, logWriter } from "./log.ts";
import { type LogReader, logReader } from "./log-reader.ts";
import { markOf } from "./mark.ts";
import { type MaterialMaker, type Materials, type MaterialTaker, materialsOf } from "./materials.ts";
import { type MultiRegionReader, type MultiRegionStore, multiRegionStore } from "./multi-region.ts";
import type { Database } from "./port.ts";
import { PRINCIPAL_READS, type PrincipalReader, type PrincipalStore, principalStore } from "./principals.ts";
import { type QuotaRequestReader, type QuotaRequestStore, quotaRequestStore } from "./quota-requests.ts";
import { type LogSealing, logSealing } from "./sealing.ts";
import { type Sealer, sealer } from "./seals.ts";
import { type SessionIssuer, type SessionReader, sessionTokens } from "./sessions.ts";
import { GLOBAL } from "./tables.ts";

export type { Account } from "#domain/account";
export type { User } from "#domain/user";
export type { Closing } from "./accounts.ts";
export { DomainKeysMissing, ensureDomainKeys, type Roots, rewrapDomainKeys, WrongRoot } from "./domain-keys.ts";
export { beginDomainKey, domainKeySince, endDomainKey, rewrap } from "./domain-rotation.ts";
export { type InspectedRow, inspectRows } from "./inspection.ts";
export { type Gate, type Mutation, Tampered } from "./items.ts";
export type { Entry, LogWriter } from "./log.ts";
export type { LogReader } from "./log-reader.ts";
export { ensureMeta, type Meta, NewerFormat, readMeta } from "./meta.ts";
export type { Note } from "./multi-region.ts";
export { Conflict, type Database } from "./port.ts";
export type { AccessKey, PrincipalReader, PrincipalStore } from "./principals.ts";
export type { MadeSeal, Sealer } from "./seals.ts";
export type { SessionIssuer, SessionReader } from "./sessions.ts";
export { GLOBAL, TABLES, type TableName } from "./tables.ts";
export type { Announce } from "./together.ts";

/** What each level of access to each aggregate lets code do; the same words grant IAM actions in `lib`. */
export interface Tables {
  readonly keys: { readonly read: KeyReader; readonly write: KeyStore };
  readonly aliases: { readonly read: AliasReader; readonly write: AliasStore };
  readonly grants: { readonly read: GrantReader; readonly write: GrantStore };
  /** What related keys of several Regions tell each other. It follows from what their items say, and stands in no record. */
  readonly multiRegion: { readonly read: MultiRegionReader; readonly write: MultiRegionStore };
  readonly principals: { readonly read: PrincipalReader; readonly write: PrincipalStore };
  /** `issue`: makes temporary credentials. Opening them is every call's. */
  readonly sessions: { readonly issue: SessionIssuer };
  /** Telling of them is every call's. */
  readonly lastUses: { readonly read: Pick<LastUses, "of"> };
  /** `write`: makes new key material. Using a key's material is declared by a target's `usage`. */
  readonly material: { readonly write: MaterialMaker & MaterialTaker };
  /** `keep`: makes wrapping keys, which change no key. `read`: opens what was wrapped under them. */
  readonly imports: { readonly keep: WrappingKeeper; readonly read: WrappingOpener };
  /** Records of calls. Writing them is every call's. */
  readonly log: { readonly read: LogReader };
  /** Changes that were begun and have no outcome: a timer's, and no operation's. */
  readonly intents: { readonly write: Intents };
  /** What nobody has sealed who wrote it: a timer's, and no operation's. */
  readonly seals: { readonly write: LogSealing };
  /** What accounts have asked for; the quotas themselves are the operator's to set. */
  readonly quotaRequests: { readonly write: QuotaRequestStore };
  /** Accounts that have closed: a timer's, and no operation's. */
  readonly closings: { readonly write: ClosingStore };
}

export type Uses = { readonly [T in keyof Tables]?: keyof Tables[T] };

/** What all Regions share. */
export interface Shared {
  /** Of access keys. */
  readonly lastUses: LastUses;
  readonly principals: PrincipalStore;
  readonly sessions: SessionReader & SessionIssuer;
}

export interface OpenShared extends Shared {
  /** The principals, with every change shown to the gate first. */
  gated(gate: Gate): PrincipalStore;
  /** All accounts. */
  readonly accounts: AccountDirectory;
  /** What related keys tell each other, as a Region's own part of it. */
  multiRegion(region: string): MultiRegionStore;
  /** Is called when there is something for a Region's replication timer to look at. */
  readonly noted: Noted;
}

/** Told of a Region in which there is something for its replication timer. */
export type Noted = (region: string) => void;

type Purpose = "marker" | "grant token" | "import token" | "grant id" | "managed key id";

/** One Region's part of the store. */
export interface Regional {
  readonly keys: KeyReader;
  readonly aliases: AliasReader;
  readonly grants: GrantReader;
  readonly multiRegion: MultiRegionReader;
  readonly quotaRequests: QuotaRequestReader;
  readonly log: LogWriter;
  readonly materials: Materials;
  /** Authenticates what is handed to a caller and comes back; what was signed for one purpose is worth nothing for another. */
  sign(purpose: Purpose, parts: readonly string[]): Buffer;
  verify(purpose: Purpose, parts: readonly string[], tag: Uint8Array): boolean;
  /** The aggregates that were asked for, at their level; every change passes the gate first. */
  stores(uses: Uses, gate: Gate): { readonly [name: string]: unknown };
}

/** Items kept verified and parsed in memory, per table and Region. */
const ITEMS_KEPT = 20_000;
const REQUESTS_KEPT = 100;
const RELATED_KEPT = 1000;

/** @throws {DomainKeysMissing | WrongRoot} */
export async function openShared(database: Database, roots: Roots, noted: Noted = () => undefined): Promise<OpenShared> {
  const keys = domainKeys(database, GLOBAL, roots);
  const macs = await macKeys(keys);
  const items = itemsOf(database.table("principals", GLOBAL), "principals", GLOBAL, macs, ITEMS_KEPT);
  const related = itemsOf(database.table("shared-keys", GLOBAL), "shared-keys", GLOBAL, macs, RELATED_KEPT);
  const parts = { items, hints: items, keys, secrets: keptSecrets(), counts: new Map() };
  return {
    lastUses: lastUses(database.table("principals", GLOBAL)),
    principals: principalStore(parts),
    sessions: sessionTokens(keys),
    gated: (gate) => principalStore({ ...parts, items: items.gated(gate) }),
    accounts: accountDirectory(items),
    multiRegion: (region) => multiRegionStore(related, region, noted),
    noted,
  };
}

/** @throws {DomainKeysMissing | WrongRoot} */
export async function openRegional(
  database: Database,
  region: string,
  roots: Roots,
  shared: OpenShared,
  log: Omit<LogOptions, "table">,
): Promise<Regional> {
  const keys: DomainKeys = domainKeys(database, region, roots);
  const macs = await macKeys(keys);
  const items = itemsOf(database.table("keys", region), "keys", region, macs, ITEMS_KEPT);
  const requests = itemsOf(database.table("quotas", region), "quotas", region, macs, REQUESTS_KEPT);
  const sharedKeys = domainKeys(database, GLOBAL, roots);
  const materials = materialsOf(keys, sharedKeys);
  const related = shared.multiRegion(region);
  const counts: KeyCounts = new Map();
  const grantCounts: GrantCounts = new Map();
  const framed = (purpose: Purpose, parts: readonly string[]) => ["signed", purpose, region, ...parts];
  const sign = (purpose: Purpose, parts: readonly string[]) => mac(macs.current.key, framed(purpose, parts));
  const grantsOf = (of: Items) => grantStore(of, grantCounts, (parts) => sign("grant id", parts));
  const readers: { readonly [T in keyof Tables]?: object } = {
    keys: readerOf(keyStore(items, region, counts), ["get", "list"]),
    multiRegion: readerOf(related, ["root", "member", "members"]),
    aliases: readerOf(aliasStore(items), ["get", "list", "listOf"]),
    grants: readerOf(grantsOf(items), ["get", "ofGrantee", "list", "retirableBy", "count"]),
    principals: readerOf(shared.principals, PRINCIPAL_READS),
    sessions: readerOf(shared.sessions, ["issue"]),
    lastUses: readerOf(shared.lastUses, ["of"]),
    imports: importStore(items, keys, {
      sign: (parts) => sign("import token", parts),
      verify: (parts, tag) => verifyMac(macs.current.key, framed("import token", parts), tag),
    }),
    log: logReader(database.table("log", region), log.shards, log),
  };
  const writer = logWriter({ table: database.table("log", region), now: Date.now, ...log });
  const sealing = sealer({
    table: database.table("log", region),
    region,
    retention: log,
    writer,
    keys: sharedKeys,
  });
  sealersOf(database).add(sealing);
  const writers: { readonly [T in keyof Tables]?: (gate: Gate) => object } = {
    keys: (gate) => keptOpen(keyStore(items.gated(gate), region, counts, shared.noted), materials),
    multiRegion: () => related,
    aliases: (gate) => aliasStore(items.gated(gate)),
    grants: (gate) => grantsOf(items.gated(gate)),
    principals: shared.gated,
    material: () => ({ make: materials.make, take: materials.take }),
    quotaRequests: (gate) => quotaRequestStore(requests.gated(gate)),
    intents: () => intentStore({ database, region, shards: log.shards, log: writer, settled: markOf(items, "reconciling", "DONE") }),
    closings: () => closingStore(items, shared.accounts),
    seals: () => {
      const found = { table: database.table("log", region), shards: log.shards, days: log.days, accounts: shared.accounts };
      return logSealing({ ...found, sealer: sealing, mark: markOf(items, "sealing", "DONE") });
    },
  };

  return {
    keys: readers.keys as KeyReader,
    aliases: readers.aliases as AliasReader,
    grants: readers.grants as GrantReader,
    multiRegion: related,
    quotaRequests: quotaRequestStore(requests),
    log: writer,
    materials,
    sign,
    verify: (purpose, parts, tag) => verifyMac(macs.current.key, framed(purpose, parts), tag),
    stores(uses, gate) {
      const granted: Record<string, unknown> = {};
      for (const name of Object.keys(uses) as (keyof Tables)[])
        granted[name] = (uses[name] as string) === "write" ? writers[name]?.(gate) : readers[name];
      return granted;
    },
  };
}

const sealers = new WeakMap<Database, Set<Sealer>>();

/** Those of all the writers that were opened over a database by this process: a head is vouched for by whoever wrote it, and nobody else. */
export function sealersOf(database: Database): Set<Sealer> {
  const known = sealers.get(database) ?? new Set();
  sealers.set(database, known);
  return known;
}

/** Only the reading half of a store, at run time too. */
function readerOf<S extends object, const M extends keyof S>(store: S, methods: readonly M[]): Pick<S, M> {
  return Object.fromEntries(methods.map((method) => [method, store[method]])) as Pick<S, M>;
}
