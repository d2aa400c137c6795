import { requireRoom } from "#domain/entity";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { Fault } from "#domain/fault";
import { partitionIn } from "#domain/iam-arn";
import { newProviderResource } from "#domain/iam-resource";
import { PROVIDERS, providerArn, providerUrlOf, withClientIds, withThumbprints } from "#domain/oidc-provider";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, clientIds, providerUrl, tags, thumbprints } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lets an OpenID Connect provider vouch for callers: roles may trust whom it names. */
export const createOpenIDConnectProvider = operation({
  name: "CreateOpenIDConnectProvider",
  quota: own,
  permission: "iam:CreateOpenIDConnectProvider",
  resource: ({ Url }, facts) => newProviderResource(Url, facts),
  also: ({ Tags }) => (Tags?.length ? ["iam:TagOpenIDConnectProvider"] : []),
  conditions: requestTags,
  uses: { principals: "write" },
  input: structure({ Url: required(providerUrl), ClientIDList: clientIds, ThumbprintList: thumbprints, Tags: tags }),
  output: structure({ OpenIDConnectProviderArn: arn, Tags: tags }),
  errors: [
    "InvalidInputException",
    "EntityAlreadyExistsException",
    "LimitExceededException",
    "ConcurrentModificationException",
    "ServiceFailureException",
    "OpenIdIdpCommunicationErrorException",
  ],
  async handle({ input, caller, stores: { principals }, now }) {
    const url = providerUrlOf(input.Url);
    const { account } = caller;
    if (await principals.oidcProvider(account, url))
      throw new Fault("EntityAlreadyExistsException", `Provider with url ${input.Url} already exists.`);
    requireRoom((await principals.oidcProviders(account)).length, "OpenIdConnectProvidersPerAccount", PROVIDERS);
    const provider = {
      account,
      url,
      arn: providerArn(partitionIn(caller.arn), account, url),
      clientIds: [],
      thumbprints: [],
      created: now,
      tags: withEntityTags(new Map(), input.Tags ?? []),
      version: 0,
    };
    const made = withThumbprints(withClientIds(provider, input.ClientIDList ?? []), input.ThumbprintList ?? []);
    await principals.createOidcProvider(made);
    return { OpenIDConnectProviderArn: made.arn, Tags: input.Tags };
  },
});
