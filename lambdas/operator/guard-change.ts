import type { GuardRail } from "#domain/policy/guard-rail";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

interface Change {
  /** By default the account that the store was made with. */
  readonly account: string | undefined;
  readonly event: string;
  readonly details: object;
  /** @throws {Refusal} */
  change(guards: readonly GuardRail[]): readonly GuardRail[];
}

/** Changes the guard-rails of an account, which are part of its item: what a call reads of an account anyway. Answers the account's id. */
export async function changeGuards(deps: OperatorDeps, { account: id, event, details, change }: Change): Promise<string> {
  const { shared, first, log } = await openHome(deps);
  const account = await shared.principals.account(id ?? first);
  if (!account) throw new Refusal(`There is no account ${id ?? first}.`);
  const { guardRails: before = [], ...others } = account;
  const guardRails = change(before);
  const changed = { ...others, ...(guardRails.length > 0 && { guardRails }) };

  const said = { accountId: account.id, ...details };
  await recorded({ log: await log(), account: account.id, event, details: said }, deps, (gate) =>
    shared.gated(gate).replaceAccount(account, changed).catch(meanwhile()),
  );
  return account.id;
}
