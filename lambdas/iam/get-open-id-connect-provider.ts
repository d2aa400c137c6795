import { tagList } from "#domain/entity-tags";
import { providerResource } from "#domain/iam-resource";
import { requireProvider, urlIn } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, clientIds, providerUrl, tags, thumbprints } from "#wire/iam-members";
import { required, structure, timestamp } from "#wire/shape";

/** Tells about an OpenID Connect provider. */
export const getOpenIDConnectProvider = operation({
  name: "GetOpenIDConnectProvider",
  quota: own,
  permission: "iam:GetOpenIDConnectProvider",
  resource: ({ OpenIDConnectProviderArn }, facts) => providerResource(OpenIDConnectProviderArn, facts),
  uses: { principals: "read" },
  input: structure({ OpenIDConnectProviderArn: required(arn) }),
  output: structure({ Url: providerUrl, ClientIDList: clientIds, ThumbprintList: thumbprints, CreateDate: timestamp, Tags: tags }),
  errors: ["InvalidInputException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { OpenIDConnectProviderArn: arn }, caller, stores: { principals } }) {
    const { account, url } = urlIn(arn);
    const found = requireProvider(account === caller.account ? await principals.oidcProvider(account, url) : undefined, arn);
    return {
      Url: found.url,
      ClientIDList: found.clientIds,
      ThumbprintList: found.thumbprints,
      CreateDate: found.created,
      Tags: tagList(found.tags),
    };
  },
});
