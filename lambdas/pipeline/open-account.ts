import { type Account, accountStateOf } from "#domain/account";
import { Fault } from "#domain/fault";
import type { Principal } from "#domain/principal";
import type { Deps } from "./deps.ts";

/**
 * Refuses who is in an account that was deleted or has expired, as if there were no such access key. An account of which nothing is stored is
 * open: in a sandbox, accounts come into being by being used.
 * @throws {Fault} UnrecognizedClientException
 */
export async function requireOpenAccount({ account: id }: Principal, { shared, now }: Deps): Promise<Account | undefined> {
  const account = await shared.principals.account(id);
  if (account && accountStateOf(account, now()) !== "active")
    throw new Fault("UnrecognizedClientException", "The security token included in the request is invalid.");
  return account;
}
