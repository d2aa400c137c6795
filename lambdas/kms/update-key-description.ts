import { own } from "#domain/quota";
import { notPendingDeletion } from "#domain/states";
import { operation } from "#operation";
import { description, keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Changes the description of a key. */
export const updateKeyDescription = operation({
  name: "UpdateKeyDescription",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:UpdateKeyDescription", states: notPendingDeletion } },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId), Description: required(description) }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ input, keys: { key }, stores }) {
    await stores.keys.replace(key, { ...key, description: input.Description });
  },
});
