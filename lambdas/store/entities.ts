import type { Entity } from "#domain/entity";
import type { Items } from "./items.ts";
import { Conflict } from "./port.ts";

/** How one kind of entity is stored. */
export interface EntityKind<E extends Entity> {
  /** Of its sort key. */
  readonly prefix: string;
  /** What JSON cannot hold as it is. */
  readonly plain: (entity: E) => object;
  // biome-ignore lint/suspicious/noExplicitAny: what was written by `plain`
  readonly from: (stored: any) => E;
}

export interface EntityPage<E> {
  readonly entries: readonly E[];
  /** The name after which the list goes on; absent at its end. */
  readonly next?: string | undefined;
}

export interface EntityStore<E extends Entity> {
  get(account: string, name: string): Promise<E | undefined>;
  /** The one with this unique id, whatever it is called now. */
  byId(id: string): Promise<E | undefined>;
  /** An account's, by name in lower case, ascending, after this name. */
  list(account: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<EntityPage<E>>;
  /** How many an account has, as counted less than a minute before `now`. */
  count(account: string, now: Date): Promise<number>;
  /** @throws {Conflict} when the name is taken, in whatever letter case. */
  create(entity: E): Promise<void>;
  /** Of the same name. @throws {Conflict} */
  replace(read: E, changed: E): Promise<void>;
  /** Of another name, path or letter case. @throws {Conflict} when the name is taken. */
  rename(read: E, changed: E): Promise<void>;
  /** @throws {Conflict} */
  remove(read: E): Promise<void>;
}

/** A stored entity. After a renaming it counts only once the old row is gone: the deletion of that row is what renames. */
interface Stored<E> {
  readonly entity: E;
  readonly movedFrom?: string;
}

/** Counted entities, by account and kind. */
export type EntityCounts = Map<string, { readonly at: number; count: number }>;
const COUNTED = 60_000;
const PAGE = 1000;

const idKey = (id: string) => ({ pk: `ID#${id}`, sk: "ID" });
const candidatesFrom = (body: string, version: number): { readonly arns: readonly string[]; readonly version: number } => {
  const { arn, arns = [arn] } = JSON.parse(body);
  return { arns, version };
};

/** Where an entity with this unique id may be found: hints, each worth what is found there. */
export const candidatesOf = async (items: Items, id: string): Promise<readonly string[]> =>
  (await items.get(idKey(id), candidatesFrom))?.arns ?? [];

/**
 * Entities of one kind, one item each, by account and name.
 *
 * Each change is one conditional write that passes the gate. The row from the unique id to the ARN is written before it and does not: it is a
 * hint that is worth what is found where it points, so a crash leaves none that misleads.
 */
export function entityStore<E extends Entity>(
  { items, hints, counts }: { readonly items: Items; readonly hints: Items; readonly counts: EntityCounts },
  { prefix, plain, from }: EntityKind<E>,
): EntityStore<E> {
  const keyOf = (account: string, name: string) => ({ pk: `A#${account}`, sk: prefix + name.toLowerCase() });

  const parse = (body: string, version: number): Stored<E> => {
    const { movedFrom, created, ...stored } = JSON.parse(body);
    return { entity: { ...from(stored), created: new Date(created), version }, ...(movedFrom !== undefined && { movedFrom }) };
  };
  const bodyOf = ({ version: _, created, ...entity }: E, movedFrom?: string): string =>
    JSON.stringify({ ...entity, created: created.getTime(), ...plain({ ...entity, created } as unknown as E), movedFrom });

  const rowAt = (account: string, name: string) => items.get(keyOf(account, name), parse);
  const isThere = async ({ entity, movedFrom }: Stored<E>): Promise<boolean> =>
    movedFrom === undefined || (await rowAt(entity.account, movedFrom))?.entity.id !== entity.id;

  async function get(account: string, name: string): Promise<E | undefined> {
    const stored = await rowAt(account, name);
    return stored && (await isThere(stored)) ? stored.entity : undefined;
  }

  /** The version of a row that a renaming left behind when it was cut off: whoever takes its name takes its place. */
  async function left({ account, name }: E): Promise<number | undefined> {
    const stored = await rowAt(account, name);
    if (stored && (await isThere(stored))) throw new Conflict(`The name ${name} is taken.`);
    return stored?.entity.version;
  }

  /**
   * Takes away the rows that renamings left behind when they were cut off: with the row gone that they wait for, each would be somebody.
   * @returns the version that the entity has then
   */
  async function settled(read: E): Promise<number> {
    const here = keyOf(read.account, read.name);
    const rows = await Promise.all(
      (await candidatesOf(items, read.id)).map((arn) => {
        const [account = "", ...resource] = arn.split(":").slice(4);
        return rowAt(account, resource.join(":").split("/").at(-1) ?? "");
      }),
    );
    const waiting = rows.filter(
      (row) => row?.entity.id === read.id && row.movedFrom !== undefined && keyOf(row.entity.account, row.entity.name).sk !== here.sk,
    );
    if (waiting.length === 0) return read.version;
    // A renaming that is still under way must fail, rather than delete this row after its new one is gone.
    await items.put({ ...here, body: bodyOf(read) }, read.version);
    for (const row of waiting) if (row) await items.delete(keyOf(row.entity.account, row.entity.name), row.entity.version);
    return read.version + 1;
  }

  async function hint(id: string, arns: readonly string[]): Promise<void> {
    const known = await hints.get(idKey(id), candidatesFrom);
    await hints.put({ ...idKey(id), body: JSON.stringify({ arns }) }, known?.version);
  }

  async function list(
    account: string,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<EntityPage<E>> {
    const query = { pk: `A#${account}`, prefix, ...(after !== undefined && { after: prefix + after.toLowerCase() }), limit };
    const { values, more } = await items.query(query, parse);
    const there = await Promise.all(values.map(isThere));
    return {
      entries: values.filter((_, index) => there[index]).map(({ entity }) => entity),
      next: more ? values.at(-1)?.entity.name : undefined,
    };
  }

  function counted(account: string, change: 1 | -1): void {
    const known = counts.get(prefix + account);
    if (known) known.count += change;
  }

  return {
    get,

    async byId(id) {
      for (const arn of await candidatesOf(items, id)) {
        const [account = "", ...resource] = arn.split(":").slice(4);
        const found = await get(account, resource.join(":").split("/").at(-1) ?? "");
        if (found?.id === id) return found;
      }
      return undefined;
    },

    list,

    async count(account, now) {
      const known = counts.get(prefix + account);
      if (known && now.getTime() - known.at < COUNTED) return known.count;
      let [count, after]: [number, string | undefined] = [0, undefined];
      do {
        const page: EntityPage<E> = await list(account, { after, limit: PAGE });
        count += page.entries.length;
        after = page.next;
      } while (after !== undefined);
      counts.set(prefix + account, { at: now.getTime(), count });
      return count;
    },

    async create(entity) {
      const replaced = await left(entity);
      await hint(entity.id, [entity.arn]);
      await items.put({ ...keyOf(entity.account, entity.name), body: bodyOf(entity) }, replaced);
      counted(entity.account, 1);
    },

    replace: (read, changed) => items.put({ ...keyOf(read.account, read.name), body: bodyOf(changed) }, read.version),

    async rename(read, changed) {
      const [from, to] = [keyOf(read.account, read.name), keyOf(changed.account, changed.name)];
      let version = await settled(read);
      await hint(read.id, [changed.arn, read.arn]);
      if (from.sk === to.sk) return items.put({ ...to, body: bodyOf(changed) }, version);
      if ((await rowAt(read.account, read.name))?.movedFrom !== undefined) {
        // On its way back to an earlier name each of the two rows would wait for the other to be gone.
        await items.put({ ...from, body: bodyOf(read) }, version);
        version += 1;
      }
      await items.put({ ...to, body: bodyOf(changed, read.name) }, await left(changed));
      await items.delete(from, version);
    },

    async remove(read) {
      const { account, name, id } = read;
      await items.delete(keyOf(account, name), await settled(read));
      counted(account, -1);
      const known = await hints.get(idKey(id), candidatesFrom);
      if (known) await hints.delete(idKey(id), known.version);
    },
  };
}
