import { type Account, accountStateOf, canReopen, closingOf, reopened, WAITING_DAYS } from "#domain/account";
import type { PrincipalStore } from "#store";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { ADMINISTRATOR, type AdministratorKey, administratorArn, makeAdministrator } from "./administrator.ts";
import { openHome } from "./home.ts";

/** Administrators that one account may get this way, before somebody must tidy up. */
const MOST = 100;

export interface RecoveredAccount extends AdministratorKey {
  /** It was deleted, or had expired. Its keys that are pending deletion stay so: CancelKeyDeletion saves them, one by one. */
  readonly reopened?: true;
}

/**
 * Makes another administrator of an account, with an access key, for an operator who lost the last one; by default of the first account.
 * An account that was deleted or has expired is opened again, for good, as long as the waiting period of its keys is not over.
 *
 * It is a user of its own (`administrator-2`, …), so that nobody's key stops working, whatever became of the first administrator, and the log
 * and every policy can tell them apart. A key policy that names the first administrator alone does not let the new one in.
 * @throws {Refusal} outside of the home Region, and when there is no such account.
 */
export async function recoverAccount(deps: OperatorDeps, wanted?: string): Promise<RecoveredAccount> {
  const { home, now } = deps;
  const { shared, first, log: openLog } = await openHome(deps);
  const account = wanted ?? first;
  const found = await shared.principals.account(account);
  if (!found) throw new Refusal(`There is no account ${account}.`);
  const closed = accountStateOf(found, now()) !== "active";
  if (!canReopen(found, now()))
    throw new Refusal(
      `The account ${account} was closed on ${closingOf(found)?.toISOString()}, more than ${WAITING_DAYS} days ago: its keys are gone.`,
    );
  const log = await openLog();

  const taken = new Refusal("Somebody else has made this user meanwhile.");
  for (let n = 1; n <= MOST; n += 1) {
    const name = n === 1 ? ADMINISTRATOR : `${ADMINISTRATOR}-${n}`;
    if (await shared.principals.user(account, name)) continue;
    const userArn = administratorArn(home, account, name);
    const details = closed ? { reopened: true } : undefined;
    try {
      return await recorded({ log, account, event: "RecoverAccount", userArn, ...(details && { details }) }, deps, async (gate) => {
        const principals = shared.gated(gate);
        if (closed) await reopen(principals, account, now());
        const made = await makeAdministrator({ shared: { ...shared, principals }, home, account, name, now: now() });
        if (!made) throw taken;
        return { ...made, ...(closed && { reopened: true as const }) };
      });
    } catch (cause) {
      if (cause !== taken) throw cause;
    }
  }
  throw new Refusal(`The account ${account} has ${MOST} administrators already: delete some.`);
}

/** Unless somebody else has opened it meanwhile. */
async function reopen(principals: PrincipalStore, id: string, now: Date): Promise<void> {
  const account: Account | undefined = await principals.account(id);
  if (!account || accountStateOf(account, now) === "active") return;
  await principals.replaceAccount(account, reopened(account)).catch(meanwhile());
}
