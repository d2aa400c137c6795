import { own } from "#domain/quota";
import { notPendingDeletion } from "#domain/states";
import { byName, namesOf, withTags } from "#domain/tags";
import { operation } from "#operation";
import { keyId, tags } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Adds tags to a key, or new values to tags it has. */
export const tagResource = operation({
  name: "TagResource",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:TagResource", states: notPendingDeletion } },
  conditions: { "aws:RequestTag/": ({ Tags }) => byName(Tags), "aws:TagKeys": ({ Tags }) => namesOf(Tags) },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId), Tags: required(tags) }),
  errors: [
    "KMSInternalException",
    "NotFoundException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "LimitExceededException",
    "TagException",
  ],
  async handle({ input, keys: { key }, stores, quotas }) {
    await stores.keys.replace(key, { ...key, tags: withTags(key.tags, input.Tags, quotas.resource("TagsPerKey")) });
  },
});
