import { own } from "#domain/quota";
import { switchable } from "#domain/states";
import { operation } from "#operation";
import { keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Makes a key unusable until it is enabled again. */
export const disableKey = operation({
  name: "DisableKey",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:DisableKey", states: switchable, idleDays: true } },
  uses: { keys: "write", log: "read" },
  input: structure({ KeyId: required(keyId) }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ keys: { key }, stores }) {
    await stores.keys.replace(key, { ...key, enabled: false });
  },
});
