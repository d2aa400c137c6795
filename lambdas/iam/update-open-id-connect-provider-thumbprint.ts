import { providerResource } from "#domain/iam-resource";
import { requireProvider, urlIn, withThumbprints } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, thumbprints } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Replaces the thumbprints that are kept of an OpenID Connect provider. */
export const updateOpenIDConnectProviderThumbprint = operation({
  name: "UpdateOpenIDConnectProviderThumbprint",
  quota: own,
  permission: "iam:UpdateOpenIDConnectProviderThumbprint",
  resource: ({ OpenIDConnectProviderArn }, facts) => providerResource(OpenIDConnectProviderArn, facts),
  uses: { principals: "write" },
  input: structure({ OpenIDConnectProviderArn: required(arn), ThumbprintList: required(thumbprints) }),
  errors: ["ConcurrentModificationException", "InvalidInputException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { OpenIDConnectProviderArn: arn, ThumbprintList: thumbprints }, caller, stores: { principals } }) {
    const { account, url } = urlIn(arn);
    const found = requireProvider(account === caller.account ? await principals.oidcProvider(account, url) : undefined, arn);
    await principals.replaceOidcProvider(found, withThumbprints(found, thumbprints));
  },
});
