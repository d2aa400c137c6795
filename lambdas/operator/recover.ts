import { openShared, readMeta } from "#store";
import { type OperatorDeps, openLog, Refusal, recorded } from "./act.ts";
import { ADMINISTRATOR, type AdministratorKey, administratorArn, makeAdministrator } from "./administrator.ts";

/** Administrators that one account may get this way, before somebody must tidy up. */
const MOST = 100;

/**
 * Makes another administrator of an account, with an access key, for an operator who lost the last one; by default of the first account.
 *
 * It is a user of its own (`administrator-2`, …), so that nobody's key stops working, whatever became of the first administrator, and the log
 * and every policy can tell them apart. A key policy that names the first administrator alone does not let the new one in.
 * @throws {Refusal} outside of the home Region, and when there is no such account.
 */
export async function recoverAccount(deps: OperatorDeps, wanted?: string): Promise<AdministratorKey> {
  const { database, roots, region, home, now } = deps;
  if (region !== home) throw new Refusal(`Principals are made in the home Region: do it in ${home}.`);
  const meta = await readMeta(database);
  const account = wanted ?? meta?.account;
  if (!meta || account === undefined) throw new Refusal("It is not initialised: there is no account yet.");
  const shared = await openShared(database, roots);
  if (!(await shared.principals.account(account))) throw new Refusal(`There is no account ${account}.`);
  const log = await openLog(deps, shared);

  for (let n = 1; n <= MOST; n += 1) {
    const name = n === 1 ? ADMINISTRATOR : `${ADMINISTRATOR}-${n}`;
    if (await shared.principals.user(account, name)) continue;
    const userArn = administratorArn(home, account, name);
    try {
      return await recorded({ log, account, event: "RecoverAccount", userArn }, deps, async () => {
        const made = await makeAdministrator({ shared, home, account, name, now: now() });
        if (!made) throw new Refusal("Somebody else has made this user meanwhile.");
        return made;
      });
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
    }
  }
  throw new Refusal(`The account ${account} has ${MOST} administrators already: delete some.`);
}
