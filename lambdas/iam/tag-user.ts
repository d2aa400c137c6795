import { requireEntity } from "#domain/entity";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Adds tags to a user, or gives those it has new values. */
export const tagUser = operation({
  name: "TagUser",
  quota: own,
  permission: "iam:TagUser",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  conditions: requestTags,
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName), Tags: required(tags) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input: { UserName: name, Tags: tags }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.user(account, name), "user", name);
    await principals.replaceUser(found, { ...found, tags: withEntityTags(found.tags, tags) });
  },
});
