import type { Account } from "#domain/account";
import { Conflict } from "#store";
import { type OperatorDeps, Refusal, recorded } from "./act.ts";
import { ADMINISTRATOR, type AdministratorKey, administratorArn, makeAdministrator, randomAccount } from "./administrator.ts";
import { openHome } from "./home.ts";

/** An account to be made. */
export interface NewAccount {
  /** 12 digits; by default random ones. */
  readonly id?: string | undefined;
  /** By default the id. */
  readonly name?: string | undefined;
  /** How long it lives; by default until it is deleted. */
  readonly ttlSeconds?: number | undefined;
}

/** Seconds: ten years. */
const LONGEST = 10 * 365 * 86_400;

/**
 * Makes an account, and its administrator with an access key. Its number is never given twice: not even when it was deleted.
 *
 * A crash leaves no account, or one whose administrator `account recover` makes.
 * @throws {Refusal} when there is such an account, or it cannot be made so.
 * @see AWS Organizations API Reference, "CreateAccount" (AccountName)
 */
export async function createAccount(deps: OperatorDeps, wanted: NewAccount = {}): Promise<AdministratorKey> {
  const { home, now } = deps;
  const { id = randomAccount(), name = id, ttlSeconds } = wanted;
  if (!/^\d{12}$/.test(id)) throw new Refusal(`The account ${id} is not 12 digits.`);
  if (!/^[\x20-\x7e]{1,50}$/.test(name)) throw new Refusal("The name of an account has 1 to 50 characters of ASCII.");
  if (ttlSeconds !== undefined && !(Number.isInteger(ttlSeconds) && ttlSeconds > 0 && ttlSeconds <= LONGEST))
    throw new Refusal("An account lives for at least a second, and at most ten years.");
  const { shared, log } = await openHome(deps);
  const taken = new Refusal(`There is an account ${id} already.`);
  if (await shared.principals.account(id)) throw taken;

  const created = now();
  const expires = ttlSeconds === undefined ? undefined : new Date(created.getTime() + ttlSeconds * 1000);
  const account: Account = { id, name, created, ...(expires && { expires }), version: 0 };
  const userArn = administratorArn(home, id, ADMINISTRATOR);
  const details = { accountId: id, accountName: name, ...(expires && { expires: expires.toISOString() }) };
  return recorded({ log: await log(), account: id, event: "CreateAccount", userArn, details }, deps, async (gate) => {
    const principals = shared.gated(gate);
    await principals.createAccount(account).catch((cause: unknown) => {
      throw cause instanceof Conflict ? taken : cause;
    });
    const made = await makeAdministrator({ shared: { ...shared, principals }, home, account: id, name: ADMINISTRATOR, now: created });
    if (!made) throw new Refusal(`Somebody else has made the administrator of ${id} meanwhile: account recover makes another.`);
    return made;
  });
}
