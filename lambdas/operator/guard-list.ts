import type { GuardRail } from "#domain/policy/guard-rail";
import { type OperatorDeps, Refusal } from "./act.ts";
import { openHome } from "./home.ts";

export interface GuardList {
  readonly account: string;
  readonly guards: readonly { readonly name: string; readonly kind: GuardRail["kind"]; readonly policy: string }[];
}

/** The guard-rails of an account, by default of the one that the store was made with. @throws {Refusal} */
export async function listGuards(deps: OperatorDeps, wanted?: string): Promise<GuardList> {
  const { shared, first } = await openHome(deps);
  const account = await shared.principals.account(wanted ?? first);
  if (!account) throw new Refusal(`There is no account ${wanted ?? first}.`);
  const { id, guardRails = [] } = account;
  return { account: id, guards: guardRails.map(({ name, kind, document: policy }) => ({ name, kind, policy })) };
}
