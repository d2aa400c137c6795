import { metadataOf } from "#domain/key-metadata";
import { replicaOf, requirePrimary, withReplica } from "#domain/multi-region";
import { acceptPolicy } from "#domain/policy/accept";
import { formatPolicy } from "#domain/policy/format";
import { replication } from "#domain/quota";
import { requireRegion } from "#domain/regions";
import { replicable } from "#domain/states";
import { byName, namesOf, withTags } from "#domain/tags";
import { operation } from "#operation";
import { description, keyId, keyMetadata, policyText, regionName, tags } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/**
 * Makes a replica of a multi-Region primary key in another Region. It is Creating until that Region has taken it up: at once where one process
 * serves both, within a minute where each has its own stack.
 */
export const replicateKey = operation({
  name: "ReplicateKey",
  quota: replication,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ReplicateKey", states: replicable } },
  permission: "kms:CreateKey",
  resource: ({ ReplicaRegion }) => ({ arn: "*", region: ReplicaRegion }),
  also: ({ Tags }) => (Tags.length > 0 ? ["kms:TagResource"] : []),
  conditions: {
    "kms:ReplicaRegion": ({ ReplicaRegion }) => ReplicaRegion,
    // "Null": who does not ask for it does not supply the key.
    "kms:BypassPolicyLockoutSafetyCheck": ({ BypassPolicyLockoutSafetyCheck }) => BypassPolicyLockoutSafetyCheck || undefined,
    "kms:KeySpec": (_, { key }) => key?.spec,
    "kms:CustomerMasterKeySpec": (_, { key }) => key?.spec,
    "kms:KeyUsage": (_, { key }) => key?.usage,
    "kms:CustomerMasterKeyUsage": (_, { key }) => key?.usage,
    "kms:KeyOrigin": (_, { key }) => key?.origin,
    "kms:MultiRegion": () => true,
    "kms:MultiRegionKeyType": () => "REPLICA",
    "aws:RequestTag/": ({ Tags }) => byName(Tags),
    "aws:ResourceTag/": ({ Tags }) => byName(Tags),
    "aws:TagKeys": ({ Tags }) => namesOf(Tags),
  },
  uses: { keys: "write", multiRegion: "write", principals: "read" },
  input: structure({
    KeyId: required(keyId),
    ReplicaRegion: required(regionName),
    Policy: policyText,
    BypassPolicyLockoutSafetyCheck: withDefault(boolean, false),
    Description: withDefault(description, ""),
    Tags: withDefault(tags, []),
  }),
  output: structure({ ReplicaKeyMetadata: keyMetadata, ReplicaPolicy: policyText, ReplicaTags: tags }),
  errors: [
    "AlreadyExistsException",
    "DisabledException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "KMSInternalException",
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "NotFoundException",
    "TagException",
    "UnsupportedOperationException",
  ],
  async handle({ input, keys: { key }, caller, author, context, region, stores, now, newUuid, anyPrincipal, quotas, isRegion }) {
    const { ReplicaRegion: to, Description: description, Tags } = input;
    requirePrimary(key);
    requireRegion(to, region, isRegion);
    const policy = await acceptPolicy({
      text: input.Policy,
      region: to,
      caller,
      context,
      bypassLockoutCheck: input.BypassPolicyLockoutSafetyCheck,
      largest: quotas.resource("KeyPolicySize"),
      idOf: anyPrincipal ? undefined : stores.principals.idOf,
    });
    const tags = withTags(new Map(), Tags, quotas.resource("TagsPerKey"));
    const changed = withReplica(key, to, { id: newUuid(), description, ...policy, tags, created: now, author });
    await stores.keys.replace(key, changed);
    await stores.multiRegion.publishSoon(changed, now);
    const replica = replicaOf(changed, to);
    return {
      ReplicaKeyMetadata: metadataOf(replica, now),
      ReplicaPolicy: formatPolicy(replica.policy),
      ...(Tags.length > 0 && { ReplicaTags: Tags }),
    };
  },
});
