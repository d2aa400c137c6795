import { cancelDeletion } from "#domain/key";
import { own } from "#domain/quota";
import { pendingDeletion } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Ends the waiting period: the key stays, disabled. */
export const cancelKeyDeletion = operation({
  name: "CancelKeyDeletion",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:CancelKeyDeletion", states: pendingDeletion } },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId) }),
  output: structure({ KeyId: required(keyArn) }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ keys: { key }, stores }) {
    await stores.keys.replace(key, cancelDeletion(key));
    return { KeyId: key.arn };
  },
});
