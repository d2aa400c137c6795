import { type Account, closingOf } from "#domain/account";
import type { Items } from "./items.ts";
import { Conflict } from "./port.ts";

export interface AccountReader {
  account(id: string): Promise<Account | undefined>;
}

export interface AccountStore extends AccountReader {
  /** @throws {Conflict} when there is such an account. */
  createAccount(account: Account): Promise<void>;
  /** @throws {Conflict} */
  replaceAccount(read: Account, changed: Account): Promise<void>;
}

/** Where a list goes on, and how long a part of it may be. */
export interface Part {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** An account that may have closed: worth what its item says. */
export interface Closing {
  /** Ascending with the time. */
  readonly at: string;
  readonly account: string;
}

/** All accounts: for the operator and for timers, never for a call. */
export interface AccountDirectory {
  /** By id, ascending. `next` is where the list goes on; absent at its end. */
  list(part: Part): Promise<{ readonly accounts: readonly Account[]; readonly next?: string | undefined }>;
  /** Those that were to close by then, in this order, after this `at`. */
  closings(until: Date, part: Part): Promise<{ readonly closings: readonly Closing[]; readonly next?: string | undefined }>;
  account(id: string): Promise<Account | undefined>;
}

const rowKey = (id: string) => ({ pk: `A#${id}`, sk: "ACCOUNT" });
const listed = (id: string) => ({ pk: "ACCOUNTS", sk: id });
const closingAt = (date: Date, id: string) => ({ pk: "CLOSINGS", sk: `${date.toISOString()}#${id}` });
/** Of an instant, in a sort key. */
const INSTANT = "2026-01-01T00:00:00.000Z".length;

/**
 * @param hints the same items, not gated. There is no index over accounts: a row that says that there is one, and another when it closes, are
 * written before the account's own, so that a crash leaves a row too many and never an account that nobody lists or closes.
 */
export function accountStore(items: Items, hints: Items): AccountStore {
  const itemOf = (account: Account) => ({ ...rowKey(account.id), body: bodyOf(account) });

  async function hint(key: { readonly pk: string; readonly sk: string }): Promise<void> {
    await hints.put({ ...key, body: JSON.stringify(key.sk) }).catch((cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
    });
  }

  async function hintClosing(account: Account): Promise<void> {
    const closing = closingOf(account);
    if (closing) await hint(closingAt(closing, account.id));
  }

  return {
    account: (id) => items.get(rowKey(id), accountFrom),

    async createAccount(account) {
      await hint(listed(account.id));
      await hintClosing(account);
      await items.put(itemOf(account));
    },

    async replaceAccount(read, changed) {
      if (closingOf(read)?.getTime() !== closingOf(changed)?.getTime()) await hintClosing(changed);
      await items.put(itemOf(changed), read.version);
    },
  };
}

export function accountDirectory(items: Items): AccountDirectory {
  const account = (id: string) => items.get(rowKey(id), accountFrom);
  const query = (pk: string, { after, limit }: Part) =>
    items.query({ pk, ...(after !== undefined && { after }), limit }, (body): string => JSON.parse(body));

  return {
    account,

    async list(part) {
      const { values: ids, more } = await query("ACCOUNTS", part);
      const found = await Promise.all(ids.map(account));
      return { accounts: found.filter((one) => one !== undefined), next: more ? ids.at(-1) : undefined };
    },

    async closings(until, part) {
      const { values, more } = await query("CLOSINGS", part);
      const due = values.filter((at) => at.slice(0, INSTANT) <= until.toISOString());
      return {
        closings: due.map((at) => ({ at, account: at.slice(INSTANT + 1) })),
        next: more && due.length === values.length ? due.at(-1) : undefined,
      };
    },
  };
}

const bodyOf = ({ version: _, created, expires, deleted, ...account }: Account): string =>
  JSON.stringify({ ...account, created: created.getTime(), expires: expires?.getTime(), deleted: deleted?.getTime() });

function accountFrom(body: string, version: number): Account {
  const { created, expires, deleted, ...stored } = JSON.parse(body);
  return {
    ...stored,
    created: new Date(created),
    ...(expires !== undefined && { expires: new Date(expires) }),
    ...(deleted !== undefined && { deleted: new Date(deleted) }),
    version,
  };
}
