import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn } from "#wire/iam-members";
import { list, structure } from "#wire/shape";

/** Lists the OpenID Connect providers of the account. */
export const listOpenIDConnectProviders = operation({
  name: "ListOpenIDConnectProviders",
  quota: own,
  permission: "iam:ListOpenIDConnectProviders",
  uses: { principals: "read" },
  input: structure({}),
  output: structure({ OpenIDConnectProviderList: list(structure({ Arn: arn })) }),
  errors: ["ServiceFailureException"],
  async handle({ caller: { account }, stores: { principals } }) {
    return { OpenIDConnectProviderList: (await principals.oidcProviders(account)).map(({ arn: Arn }) => ({ Arn })) };
  },
});
