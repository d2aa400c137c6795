import { requireEntity } from "#domain/entity";
import { tagList } from "#domain/entity-tags";
import { userResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, page, pageOf, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the tags of a user. */
export const listUserTags = operation({
  name: "ListUserTags",
  quota: own,
  permission: "iam:ListUserTags",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: required(existingUserName), ...page }),
  output: structure({ Tags: required(tags), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { UserName: name } = input;
    const found = requireEntity(await principals.user(account, name), "user", name);
    const { entries, end } = listing(tagList(found.tags), ({ Key }) => Key, input, paging([found.id]));
    return { Tags: entries, ...end };
  },
});
