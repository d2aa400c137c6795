import { Fault } from "#domain/fault";
import { newKey, requireCompatible } from "#domain/key";
import { metadataOf } from "#domain/key-metadata";
import { acceptPolicy } from "#domain/policy/accept";
import { own } from "#domain/quota";
import { withTags } from "#domain/tags";
import { operation } from "#operation";
import { customerMasterKeySpec, description, keyMetadata, keySpec, keyUsage, origin, policyText, tags } from "#wire/members";
import { boolean, required, string, structure, unavailable, withDefault } from "#wire/shape";

/** Makes a KMS key, in the caller's account and the Region of the call. */
export const createKey = operation({
  name: "CreateKey",
  quota: own,
  permission: "kms:CreateKey",
  conditions: [
    "kms:BypassPolicyLockoutSafetyCheck",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:KeyOrigin",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "aws:RequestTag",
    "aws:ResourceTag",
    "aws:TagKeys",
  ],
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
  async handle({ input, caller, region, stores, now, newUuid, anyPrincipal }) {
    const { spec, usage } = kindOf(input);
    const { account } = caller;
    const policy = await acceptPolicy({
      text: input.Policy,
      region,
      caller,
      bypassLockoutCheck: input.BypassPolicyLockoutSafetyCheck,
      idOf: anyPrincipal ? undefined : stores.principals.idOf,
    });
    const id = newUuid();
    const material = await stores.material.make({ account, id, spec }, now);
    const key = newKey({
      id,
      account,
      region,
      spec,
      usage,
      description: input.Description,
      created: now,
      ...policy,
      tags: withTags(new Map(), input.Tags),
      materials: [material],
    });
    await stores.keys.create(key);
    return { KeyMetadata: metadataOf(key, now) };
  },
});

/** What kind of key is asked for. @see AWS KMS API Reference, CreateKey: KeyUsage may be left out for symmetric encryption keys only. */
function kindOf(input: {
  readonly KeySpec?: string | undefined;
  readonly CustomerMasterKeySpec?: string | undefined;
  readonly KeyUsage?: Parameters<typeof requireCompatible>[1] | undefined;
  readonly MultiRegion: boolean;
}) {
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
    // AWS's text is UNVERIFIED.
    throw new Fault(
      "ValidationException",
      "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
    );
  }
  if (input.MultiRegion) throw new Fault("UnsupportedOperationException", "MultiRegion true is not available in this version.");
  const spec = "SYMMETRIC_DEFAULT";
  const usage = input.KeyUsage ?? "ENCRYPT_DECRYPT";
  requireCompatible(spec, usage);
  return { spec, usage } as const;
}
