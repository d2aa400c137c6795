import { providerResource } from "#domain/iam-resource";
import { urlIn } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Ends that an OpenID Connect provider vouches for callers. One that is not there does not matter. */
export const deleteOpenIDConnectProvider = operation({
  name: "DeleteOpenIDConnectProvider",
  quota: own,
  permission: "iam:DeleteOpenIDConnectProvider",
  resource: ({ OpenIDConnectProviderArn }, facts) => providerResource(OpenIDConnectProviderArn, facts),
  uses: { principals: "write" },
  input: structure({ OpenIDConnectProviderArn: required(arn) }),
  errors: ["InvalidInputException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { OpenIDConnectProviderArn: arn }, caller, stores: { principals } }) {
    const { account, url } = urlIn(arn);
    const found = account === caller.account ? await principals.oidcProvider(account, url) : undefined;
    if (found) await principals.removeOidcProvider(found);
  },
});
