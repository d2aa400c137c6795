import { providerResource } from "#domain/iam-resource";
import { requireProvider, urlIn, withClientIds } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, clientId } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes tokens of an OpenID Connect provider that are for this audience, too. */
export const addClientIDToOpenIDConnectProvider = operation({
  name: "AddClientIDToOpenIDConnectProvider",
  quota: own,
  permission: "iam:AddClientIDToOpenIDConnectProvider",
  resource: ({ OpenIDConnectProviderArn }, facts) => providerResource(OpenIDConnectProviderArn, facts),
  uses: { principals: "write" },
  input: structure({ OpenIDConnectProviderArn: required(arn), ClientID: required(clientId) }),
  errors: [
    "ConcurrentModificationException",
    "InvalidInputException",
    "NoSuchEntityException",
    "LimitExceededException",
    "ServiceFailureException",
  ],
  async handle({ input: { OpenIDConnectProviderArn: arn, ClientID: id }, caller, stores: { principals } }) {
    const { account, url } = urlIn(arn);
    const found = requireProvider(account === caller.account ? await principals.oidcProvider(account, url) : undefined, arn);
    await principals.replaceOidcProvider(found, withClientIds(found, [id]));
  },
});
