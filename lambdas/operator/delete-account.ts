import { accountStateOf, WAITING_DAYS } from "#domain/account";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** What is said of an account that was deleted. */
export interface DeletedAccount {
  readonly account: string;
  readonly state: "deleted";
  /** Days of the waiting period that a timer gives each of its keys, in each Region, within minutes. */
  readonly pendingWindowInDays: number;
}

/**
 * Deletes an account: from now on nobody in it can call. Nothing of it is destroyed: its keys get a waiting period, and until that is over
 * `account recover` opens it again.
 *
 * The account that the store was made with stays: it is the one that every start takes for granted.
 * @throws {Refusal}
 */
export async function deleteAccount(deps: OperatorDeps, id: string): Promise<DeletedAccount> {
  const { now } = deps;
  const { shared, first, log } = await openHome(deps);
  const account = await shared.principals.account(id);
  if (!account) throw new Refusal(`There is no account ${id}.`);
  if (id === first) throw new Refusal(`${id} is the account that this store was made with: it stays.`);
  const deleted = now();
  const state = accountStateOf(account, deleted);
  if (state !== "active") throw new Refusal(`The account ${id} ${state === "deleted" ? "is deleted" : "has expired"} already.`);

  const details = { accountId: id, pendingWindowInDays: WAITING_DAYS };
  await recorded({ log: await log(), account: id, event: "DeleteAccount", details }, deps, (gate) =>
    shared
      .gated(gate)
      .replaceAccount(account, { ...account, deleted })
      .catch(meanwhile()),
  );
  return { account: id, state: "deleted", pendingWindowInDays: WAITING_DAYS };
}
