import { requireEntity } from "#domain/entity";
import { withoutEntityTags } from "#domain/entity-tags";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, tagKeys } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes tags from a user. */
export const untagUser = operation({
  name: "UntagUser",
  quota: own,
  permission: "iam:UntagUser",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  conditions: { "aws:TagKeys": ({ TagKeys }) => TagKeys },
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName), TagKeys: required(tagKeys) }),
  errors: ["NoSuchEntityException", "ConcurrentModificationException", "ServiceFailureException"],
  async handle({ input: { UserName: name, TagKeys: keys }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.user(account, name), "user", name);
    await principals.replaceUser(found, { ...found, tags: withoutEntityTags(found.tags, keys) });
  },
});
