import type { Alias } from "#domain/alias";
import type { Items } from "./items.ts";

interface AliasPage {
  readonly aliases: readonly Alias[];
  /** The name after which the list goes on; absent at its end. */
  readonly next?: string | undefined;
}

export interface AliasReader {
  get(account: string, name: string): Promise<Alias | undefined>;
  /** An account's aliases by name, ascending, after this name. */
  list(account: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<AliasPage>;
  /** The aliases that point to a key, by name, ascending. */
  listOf(keyId: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<AliasPage>;
}

export interface AliasStore extends AliasReader {
  /** @throws {Conflict} when the name is taken. */
  create(alias: Alias): Promise<void>;
  /** @throws {Conflict} */
  replace(read: Alias, changed: Alias): Promise<void>;
  /** @throws {Conflict} */
  remove(read: Alias): Promise<void>;
}

const rowKey = (account: string, name: string) => ({ pk: `A#${account}`, sk: `ALIAS#${name}` });

/** The aliases of one Region, one item each, in the table of keys. */
export function aliasStore(items: Items): AliasStore {
  const itemOf = (alias: Alias) => ({
    ...rowKey(alias.account, alias.name),
    body: bodyOf(alias),
    index1: { pk: `T#${alias.targetKeyId}`, sk: `ALIAS#${alias.name}` },
  });
  const get = (account: string, name: string) => items.get(rowKey(account, name), aliasFrom);
  const slice = (after: string | undefined, limit: number) => ({
    prefix: "ALIAS#",
    ...(after !== undefined && { after: `ALIAS#${after}` }),
    limit,
  });

  return {
    get,

    async list(account, { after, limit }) {
      const page = await items.query({ pk: `A#${account}`, ...slice(after, limit) }, aliasFrom);
      return { aliases: page.values, next: page.more ? page.values.at(-1)?.name : undefined };
    },

    async listOf(keyId, { after, limit }) {
      const found = await items.find(1, { pk: `T#${keyId}`, ...slice(after, limit) });
      const read = await Promise.all(found.hints.map(({ pk, sk }) => items.get({ pk, sk }, aliasFrom)));
      const last = found.hints.at(-1)?.indexSk.slice("ALIAS#".length);
      return { aliases: read.filter((alias) => alias?.targetKeyId === keyId) as Alias[], next: found.more ? last : undefined };
    },

    create: (alias) => items.put(itemOf(alias)),
    replace: (read, changed) => items.put(itemOf(changed), read.version),
    remove: (read) => items.delete(rowKey(read.account, read.name), read.version),
  };
}

function bodyOf(alias: Alias): string {
  return JSON.stringify({
    account: alias.account,
    name: alias.name,
    targetKeyId: alias.targetKeyId,
    created: alias.created.getTime(),
    updated: alias.updated.getTime(),
  });
}

function aliasFrom(body: string, version: number): Alias {
  const { created, updated, ...stored } = JSON.parse(body);
  return { ...stored, created: new Date(created), updated: new Date(updated), version };
}
