import { type Account, type AccountState, accountStateOf } from "#domain/account";
import type { OperatorDeps } from "./act.ts";
import { openHome } from "./home.ts";

/** An account, as the operator sees it; times in ISO 8601. */
export interface ListedAccount {
  readonly account: string;
  readonly name: string;
  readonly state: AccountState;
  readonly created: string;
  readonly expires?: string;
  readonly deleted?: string;
}

export interface AccountPage {
  readonly accounts: readonly ListedAccount[];
  /** Where the list goes on: what is asked for next is after it. Absent at its end. */
  readonly next?: string;
}

const PAGE = 100;

/** The accounts: the one that the store was made with, then the others by number. A page may be empty and still not be the last. */
export async function listAccounts(deps: OperatorDeps, after?: string): Promise<AccountPage> {
  const { shared, first } = await openHome(deps);
  const now = deps.now();
  const oldest = after === undefined ? await shared.principals.account(first) : undefined;
  const { accounts, next } = await shared.accounts.list({ after, limit: PAGE });
  const listed = [...(oldest ? [oldest] : []), ...accounts.filter(({ id }) => id !== first)];
  return { accounts: listed.map((account) => seen(account, now)), ...(next !== undefined && { next }) };
}

function seen(account: Account, now: Date): ListedAccount {
  const { id, name, created, expires, deleted } = account;
  return {
    account: id,
    name,
    state: accountStateOf(account, now),
    created: created.toISOString(),
    ...(expires && { expires: expires.toISOString() }),
    ...(deleted && { deleted: deleted.toISOString() }),
  };
}
