import { own } from "#domain/quota";
import { notPendingDeletion } from "#domain/states";
import { withoutTags } from "#domain/tags";
import { operation } from "#operation";
import { keyId, tagKeys } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Removes tags from a key; one that is not there does not matter. */
export const untagResource = operation({
  name: "UntagResource",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:UntagResource", states: notPendingDeletion } },
  conditions: { "aws:TagKeys": ({ TagKeys }) => TagKeys },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId), TagKeys: required(tagKeys) }),
  errors: ["KMSInternalException", "NotFoundException", "InvalidArnException", "KMSInvalidStateException", "TagException"],
  async handle({ input, keys: { key }, stores }) {
    await stores.keys.replace(key, { ...key, tags: withoutTags(key.tags, input.TagKeys) });
  },
});
