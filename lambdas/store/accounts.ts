import type { Account } from "#domain/account";
import type { Items } from "./items.ts";

export interface AccountReader {
  account(id: string): Promise<Account | undefined>;
}

export interface AccountStore extends AccountReader {
  /** @throws {Conflict} when there is such an account. */
  createAccount(account: Account): Promise<void>;
  /** @throws {Conflict} */
  replaceAccount(read: Account, changed: Account): Promise<void>;
}

const rowKey = (id: string) => ({ pk: `A#${id}`, sk: "ACCOUNT" });

export function accountStore(items: Items): AccountStore {
  const itemOf = (account: Account) => ({ ...rowKey(account.id), body: bodyOf(account) });
  return {
    account: (id) => items.get(rowKey(id), accountFrom),
    createAccount: (account) => items.put(itemOf(account)),
    replaceAccount: (read, changed) => items.put(itemOf(changed), read.version),
  };
}

const bodyOf = ({ version: _, created, ...account }: Account): string => JSON.stringify({ ...account, created: created.getTime() });

function accountFrom(body: string, version: number): Account {
  const stored = JSON.parse(body);
  return { ...stored, created: new Date(stored.created), version };
}
