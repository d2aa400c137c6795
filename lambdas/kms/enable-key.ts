import { own } from "#domain/quota";
import { switchable } from "#domain/states";
import { operation } from "#operation";
import { keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Makes a disabled key usable again. */
export const enableKey = operation({
  name: "EnableKey",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:EnableKey", states: switchable } },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId) }),
  errors: [
    "NotFoundException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "LimitExceededException",
    "KMSInvalidStateException",
  ],
  async handle({ keys: { key }, stores }) {
    await stores.keys.replace(key, { ...key, enabled: true });
  },
});
