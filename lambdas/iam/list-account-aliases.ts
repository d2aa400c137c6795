import { own } from "#domain/quota";
import { operation } from "#operation";
import { accountAlias, page, pageOf } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the alias of the account, if it has one. */
export const listAccountAliases = operation({
  name: "ListAccountAliases",
  quota: own,
  permission: "iam:ListAccountAliases",
  uses: { principals: "read" },
  input: structure({ ...page }),
  output: structure({ AccountAliases: required(list(accountAlias)), ...pageOf }),
  errors: ["ServiceFailureException"],
  async handle({ caller, stores: { principals } }) {
    const alias = (await principals.account(caller.account))?.alias;
    return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
  },
});
