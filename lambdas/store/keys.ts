import { expiryDateOf } from "#domain/imported-material";
import type { Key } from "#domain/key";
import { isReplica, replicasOf } from "#domain/multi-region";
import { rotationDateOf } from "#domain/rotation";
import type { Items } from "./items.ts";
import { bodyOf, keyFrom } from "./key-body.ts";

export interface KeyReader {
  /** The key with this id, of whichever account; undefined when there is none. */
  get(id: string): Promise<Key | undefined>;
  /** Ids of an account's keys, ascending, after this one; from an index, so a key may be missing from it or gone already. */
  list(
    account: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly more: boolean }>;
}

/** The deletion of a key, from when it began until nothing of the key is left. */
export interface Deletion {
  readonly keyId: string;
  readonly account: string;
  /** When the waiting period was over. */
  readonly date: Date;
  /** When it began, and under which row of the log it stands. */
  readonly since: Date;
  readonly record: string;
  /** When somebody last took it on. */
  readonly taken: Date;
  /** 0 before the first; counts how often it was taken on. */
  readonly version: number;
}

export interface KeyStore extends KeyReader {
  /** How many keys an account has, without AWS managed keys, by the index; at most a minute old. */
  count(account: string, now: Date): Promise<number>;
  /** @throws {Conflict} when the id is taken. */
  create(key: Key): Promise<void>;
  /**
   * Writes the changed key in the place of the one that was read; it falls due to be told to its related keys, if it has any.
   * @throws {Conflict} when somebody else changed it meanwhile.
   */
  replace(read: Key, changed: Key): Promise<void>;
  /** The same for a change that its related keys know of, or that is none to them. @throws {Conflict} */
  settle(read: Key, changed: Key): Promise<void>;
  /** Removes the key, with every material it had. @throws {Conflict} when somebody changed it meanwhile. */
  remove(read: Key): Promise<void>;
  /**
   * Ids of keys with which something fell due by then, the oldest first, each at least once; from an index, so it may be done already.
   * `next` is where the list goes on; absent at its end.
   */
  due(
    now: Date,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly next?: string | undefined }>;
  /** The deletion of this key that is under way. */
  deletion(id: string): Promise<Deletion | undefined>;
  /** Begins a deletion, or takes on one that was left: the key falls due again until it ends. @throws {Conflict} when somebody else has. */
  takeOn(deletion: Deletion): Promise<Deletion>;
  /** Nothing of the key is left. @throws {Conflict} */
  end(deletion: Deletion): Promise<void>;
}

/** The numbers of keys that were counted, by account. */
export type KeyCounts = Map<string, { readonly at: number; count: number }>;

/** A count is believed for so many milliseconds; what this process makes meanwhile is added to it. */
const COUNTED = 60_000;
const PAGE = 1000;

const rowKey = (id: string) => ({ pk: `K#${id}`, sk: "KEY" });
const deletionKey = (id: string) => ({ pk: `K#${id}`, sk: "DELETION" });
const dueAt = (date: Date, id: string) => ({ pk: "DUE", sk: `${date.toISOString()}#${id}` });
const indexed = (date: Date | undefined, id: string) => (date ? { index2: dueAt(date, id) } : {});
/** A key has one row in the index: whatever comes after the earliest of these is told when that is done. */
const earliest = (...dates: (Date | undefined)[]): Date | undefined =>
  dates.filter((date) => date !== undefined).reduce<Date | undefined>((one, other) => (one && one < other ? one : other), undefined);
/** Of an instant, in the index. */
const INSTANT = "2026-01-01T00:00:00.000Z".length;

/**
 * KMS keys of one Region: one item each, with all of its state and every wrapped material.
 * @param noted is called when there is something to tell to the related keys of one of them.
 */
export function keyStore(items: Items, region: string, counts: KeyCounts, noted: (region: string) => void = () => undefined): KeyStore {
  const parse = (body: string, version: number) => keyFrom(body, region, version);
  const itemOf = (key: Key) => ({
    ...rowKey(key.id),
    body: bodyOf(key),
    index1: { pk: `A#${key.account}`, sk: `K#${key.id}` },
    // What is to be told to others is due at once, whatever their time is.
    ...indexed(earliest(key.unshared && key.created, key.deletionDate, rotationDateOf(key), expiryDateOf(key)), key.id),
  });

  async function list(account: string, { after, limit }: { readonly after?: string | undefined; readonly limit: number }) {
    const found = await items.find(1, { pk: `A#${account}`, prefix: "K#", ...(after !== undefined && { after: `K#${after}` }), limit });
    return { ids: found.hints.map((hint) => hint.indexSk.slice("K#".length)), more: found.more };
  }

  /** Each has an alias of AWS's, and these point to nothing else. There are no more than services. */
  async function managedIn(account: string): Promise<number> {
    const page = await items.query({ pk: `A#${account}`, prefix: "ALIAS#alias/aws/", limit: PAGE }, () => undefined);
    return page.values.length;
  }

  /** A replica may be changed before its Region has it stored. */
  const put = (read: Key, changed: Key): Promise<void> => items.put(itemOf(changed), read.version === 0 ? undefined : read.version);

  return {
    get: (id) => items.get(rowKey(id), parse),

    list,

    async count(account, now) {
      const known = counts.get(account);
      if (known && now.getTime() - known.at < COUNTED) return known.count;
      let count = -(await managedIn(account));
      for (let after: string | undefined; ; ) {
        const { ids, more } = await list(account, { after, limit: PAGE });
        count += ids.length;
        after = ids.at(-1);
        if (!more || after === undefined) break;
      }
      counts.set(account, { at: now.getTime(), count });
      return count;
    },

    async create(key) {
      await items.put(itemOf(key));
      const known = counts.get(key.account);
      if (known && key.manager === "CUSTOMER") known.count += 1;
    },
    async replace(read, changed) {
      const isRelated = isReplica(changed) || replicasOf(changed).length > 0;
      await put(read, isRelated ? { ...changed, unshared: true } : changed);
      if (isRelated) noted(region);
    },
    settle: put,

    async remove(read) {
      await items.delete(rowKey(read.id), read.version);
      const known = counts.get(read.account);
      if (known && read.manager === "CUSTOMER") known.count -= 1;
    },

    async due(now, { after, limit }) {
      const found = await items.find(2, { pk: "DUE", ...(after !== undefined && { after }), limit });
      const until = now.toISOString();
      const due = found.hints.filter(({ indexSk }) => indexSk.slice(0, INSTANT) <= until);
      return {
        ids: [...new Set(due.map(({ indexSk }) => indexSk.slice(INSTANT + 1)))],
        next: found.more && due.length === found.hints.length ? due.at(-1)?.indexSk : undefined,
      };
    },

    deletion: (id) => items.get(deletionKey(id), deletionFrom),

    async takeOn({ version, ...deletion }) {
      const { keyId, date, since, taken } = deletion;
      const body = JSON.stringify({ ...deletion, date: date.getTime(), since: since.getTime(), taken: taken.getTime() });
      await items.put({ ...deletionKey(keyId), body, index2: dueAt(date, keyId) }, version === 0 ? undefined : version);
      return { ...deletion, version: version + 1 };
    },

    end: ({ keyId, version }) => items.delete(deletionKey(keyId), version),
  };
}

function deletionFrom(body: string, version: number): Deletion {
  const { date, since, taken, ...stored } = JSON.parse(body);
  return { ...stored, date: new Date(date), since: new Date(since), taken: new Date(taken), version };
}
