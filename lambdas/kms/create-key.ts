import { multiRegionId } from "#domain/arn";
import { newKey, requireKeyRoom } from "#domain/key";
import { kindOf, specAskedFor, usageAskedFor } from "#domain/key-kind";
import { metadataOf } from "#domain/key-metadata";
import { primaryIn } from "#domain/multi-region";
import { acceptPolicy } from "#domain/policy/accept";
import { own } from "#domain/quota";
import { byName, namesOf, withTags } from "#domain/tags";
import { operation } from "#operation";
import { customerMasterKeySpec, description, keyMetadata, keySpec, keyUsage, origin, policyText, tags } from "#wire/members";
import { boolean, required, string, structure, unavailable, withDefault } from "#wire/shape";

/** Makes a KMS key, in the caller's account and the Region of the call. */
export const createKey = operation({
  name: "CreateKey",
  quota: own,
  permission: "kms:CreateKey",
  also: ({ Tags }) => (Tags.length > 0 ? ["kms:TagResource"] : []),
  conditions: {
    // "Null": who does not ask for it does not supply the key.
    "kms:BypassPolicyLockoutSafetyCheck": ({ BypassPolicyLockoutSafetyCheck }) => BypassPolicyLockoutSafetyCheck || undefined,
    "kms:KeySpec": specAskedFor,
    "kms:CustomerMasterKeySpec": specAskedFor,
    "kms:KeyUsage": usageAskedFor,
    "kms:CustomerMasterKeyUsage": usageAskedFor,
    "kms:KeyOrigin": ({ Origin }) => Origin,
    "kms:MultiRegion": ({ MultiRegion }) => MultiRegion,
    "kms:MultiRegionKeyType": ({ MultiRegion }) => (MultiRegion ? "PRIMARY" : undefined),
    "aws:RequestTag/": ({ Tags }) => byName(Tags),
    "aws:ResourceTag/": ({ Tags }) => byName(Tags),
    "aws:TagKeys": ({ Tags }) => namesOf(Tags),
  },
  uses: { keys: "write", material: "write", principals: "read" },
  input: structure({
    Policy: policyText,
    Description: withDefault(description, ""),
    KeyUsage: keyUsage,
    CustomerMasterKeySpec: customerMasterKeySpec,
    KeySpec: keySpec,
    Origin: withDefault(origin, "AWS_KMS"),
    CustomKeyStoreId: unavailable(string({ min: 1, max: 64 })),
    BypassPolicyLockoutSafetyCheck: withDefault(boolean, false),
    Tags: withDefault(tags, []),
    MultiRegion: withDefault(boolean, false),
    XksKeyId: unavailable(string({ min: 1, max: 128, pattern: "^[a-zA-Z0-9-_.]+$" })),
  }),
  output: structure({ KeyMetadata: required(keyMetadata) }),
  errors: [
    "MalformedPolicyDocumentException",
    "DependencyTimeoutException",
    "InvalidArnException",
    "UnsupportedOperationException",
    "KMSInternalException",
    "LimitExceededException",
    "TagException",
    "CustomKeyStoreNotFoundException",
    "CustomKeyStoreInvalidStateException",
    "CloudHsmClusterInvalidConfigurationException",
    "XksKeyInvalidConfigurationException",
    "XksKeyAlreadyInUseException",
    "XksKeyNotFoundException",
  ],
  async handle({ input, caller, context, region, stores, now, newUuid, anyPrincipal, quotas }) {
    const { spec, usage } = kindOf(input);
    const { account } = caller;
    const policy = await acceptPolicy({
      text: input.Policy,
      region,
      caller,
      context,
      bypassLockoutCheck: input.BypassPolicyLockoutSafetyCheck,
      largest: quotas.resource("KeyPolicySize"),
      idOf: anyPrincipal ? undefined : stores.principals.idOf,
    });
    requireKeyRoom(await stores.keys.count(account, now), quotas.resource("KeysPerAccount"));
    const { MultiRegion: isMultiRegion } = input;
    const id = isMultiRegion ? multiRegionId(newUuid()) : newUuid();
    const relations = isMultiRegion && { multiRegion: primaryIn(region) };
    const materials = input.Origin === "EXTERNAL" ? [] : [await stores.material.make({ account, id, spec, ...relations }, now)];
    const key = newKey({
      id,
      account,
      region,
      spec,
      usage,
      description: input.Description,
      created: now,
      ...policy,
      tags: withTags(new Map(), input.Tags, quotas.resource("TagsPerKey")),
      origin: input.Origin,
      ...relations,
      materials,
    });
    await stores.keys.create(key);
    return { KeyMetadata: metadataOf(key, now) };
  },
});
