import { Fault } from "#domain/fault";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { accountAlias } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives the account a name that people know it by, in the place of the one it has. */
export const createAccountAlias = operation({
  name: "CreateAccountAlias",
  quota: own,
  permission: "iam:CreateAccountAlias",
  uses: { principals: "write" },
  input: structure({ AccountAlias: required(accountAlias) }),
  errors: ["ConcurrentModificationException", "EntityAlreadyExistsException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { AccountAlias: alias }, caller: { account: id }, stores: { principals }, now }) {
    const account = await principals.account(id);
    if (account?.alias === alias) throw new Fault("EntityAlreadyExistsException", `The account alias ${alias} already exists.`);
    if (account) await principals.replaceAccount(account, { ...account, alias });
    else await principals.createAccount({ id, name: id, alias, created: now, version: 0 });
  },
});
