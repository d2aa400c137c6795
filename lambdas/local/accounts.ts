import type { OperatorDeps } from "#operator/act";
import { createAccount } from "#operator/create-account";
import { type DeletedAccount, deleteAccount } from "#operator/delete-account";
import { type AccountPage, type ListedAccount, listAccounts } from "#operator/list-accounts";
import { type RecoveredAccount, recoverAccount } from "#operator/recover";
import { operated, print, shownOnce } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";

/** Accounts are made in the home Region, wherever the command is. */
const atHome = (deps: OperatorDeps): OperatorDeps => ({ ...deps, region: deps.home });

/** `trent account create`: an account with an administrator, whose access key it answers, once. */
export async function create(options: Options): Promise<void> {
  const { id, name, ttl: ttlSeconds, region } = options;
  const request = { action: "account-create", account: id, name, ttlSeconds };
  print(await operated(options, region, request, (deps) => createAccount(atHome(deps), { id, name, ttlSeconds })), options, shownOnce);
}

/** `trent account list`: all of them, with their state. */
export async function list(options: Options): Promise<void> {
  print({ accounts: await listedAccounts(options) }, options, (answer) => answer.accounts.map(lineOf));
}

/** All accounts, page by page. */
export async function listedAccounts(options: Options): Promise<readonly ListedAccount[]> {
  const accounts: ListedAccount[] = [];
  for (let after: string | undefined; ; ) {
    const from = after;
    const request = { action: "account-list", after: from };
    const page: AccountPage = await operated(options, options.region, request, (deps) => listAccounts(atHome(deps), from));
    accounts.push(...page.accounts);
    after = page.next;
    if (after === undefined) return accounts;
  }
}

/** `trent account delete ID`: nobody in it can call from now on, and its keys get a waiting period. */
export async function remove(options: Options, account: string): Promise<void> {
  requireDigits("delete", account);
  const request = { action: "account-delete", account };
  print(await operated(options, options.region, request, (deps) => deleteAccount(atHome(deps), account)), options, deletedLines);
}

/** `trent account recover ID`: another administrator, and an access key, of an account whose keys are lost, or that was deleted. */
export async function recover(options: Options, account: string): Promise<void> {
  requireDigits("recover", account);
  const request = { action: "account-recover", account };
  print(await operated(options, options.region, request, (deps) => recoverAccount(atHome(deps), account)), options, recoveredLines);
}

function requireDigits(command: string, account: string): void {
  if (!/^\d{12}$/.test(account)) throw new UsageError(`account ${command} ${account}: give the account's 12 digits.`);
}

function lineOf({ account, name, state, created, expires, deleted }: ListedAccount): string {
  const ends = deleted !== undefined ? `  deleted ${deleted}` : expires !== undefined ? `  expires ${expires}` : "";
  return `${account}  ${state.padEnd(7)}  created ${created}${ends}  ${name}`;
}

const deletedLines = ({ account, pendingWindowInDays: days }: DeletedAccount): readonly string[] => [
  `account          ${account}`,
  "deleted          nobody in it can call from now on",
  `keys             each is deleted ${days} days after a timer has scheduled it, within minutes; account recover opens the account till then`,
];

function recoveredLines({ reopened, ...key }: RecoveredAccount): readonly string[] {
  const lines = shownOnce(key);
  return reopened
    ? [...lines, "The account is open again. Keys that are pending deletion stay so: save them by cancel-key-deletion."]
    : lines;
}
