import { noSuchEntity } from "#domain/entity";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { accountAlias } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes its alias from the account. */
export const deleteAccountAlias = operation({
  name: "DeleteAccountAlias",
  quota: own,
  permission: "iam:DeleteAccountAlias",
  uses: { principals: "write" },
  input: structure({ AccountAlias: required(accountAlias) }),
  errors: ["ConcurrentModificationException", "NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { AccountAlias: name }, caller: { account: id }, stores: { principals } }) {
    const found = await principals.account(id);
    if (found?.alias !== name) throw noSuchEntity("account alias", name);
    const { alias: _, ...account } = found;
    await principals.replaceAccount(found, account);
  },
});
