import { providerResource } from "#domain/iam-resource";
import { requireProvider, urlIn } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, clientId } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Ends that tokens of an OpenID Connect provider for this audience are taken. */
export const removeClientIDFromOpenIDConnectProvider = operation({
  name: "RemoveClientIDFromOpenIDConnectProvider",
  quota: own,
  permission: "iam:RemoveClientIDFromOpenIDConnectProvider",
  resource: ({ OpenIDConnectProviderArn }, facts) => providerResource(OpenIDConnectProviderArn, facts),
  uses: { principals: "write" },
  input: structure({ OpenIDConnectProviderArn: required(arn), ClientID: required(clientId) }),
  errors: ["ConcurrentModificationException", "InvalidInputException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { OpenIDConnectProviderArn: arn, ClientID: id }, caller, stores: { principals } }) {
    const { account, url } = urlIn(arn);
    const found = requireProvider(account === caller.account ? await principals.oidcProvider(account, url) : undefined, arn);
    await principals.replaceOidcProvider(found, { ...found, clientIds: found.clientIds.filter((other) => other !== id) });
  },
});
