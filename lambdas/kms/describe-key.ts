import { metadataOf } from "#domain/key-metadata";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { grantTokens, keyId, keyMetadata } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Tells what a key is, and its state. */
export const describeKey = operation({
  name: "DescribeKey",
  quota: own,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:DescribeKey",
      states: anyState,
      aliases: true,
      predefined: true,
      acrossAccounts: true,
    },
  },
  uses: {},
  input: structure({ KeyId: required(keyId), GrantTokens: grantTokens }),
  output: structure({ KeyMetadata: required(keyMetadata) }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException"],
  async handle({ keys: { key }, now }) {
    return { KeyMetadata: metadataOf(key, now) };
  },
});
