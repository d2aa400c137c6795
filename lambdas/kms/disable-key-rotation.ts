import { requireNoReplica } from "#domain/multi-region";
import { own } from "#domain/quota";
import { requireRotatable, withoutSchedule } from "#domain/rotation";
import { scheduled } from "#domain/states";
import { operation } from "#operation";
import { keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Turns automatic rotation off; every material stays. */
export const disableKeyRotation = operation({
  name: "DisableKeyRotation",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:DisableKeyRotation", states: scheduled } },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId) }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
  ],
  async handle({ keys: { key }, stores }) {
    requireRotatable(key);
    requireNoReplica(key);
    await stores.keys.replace(key, withoutSchedule(key));
  },
});
