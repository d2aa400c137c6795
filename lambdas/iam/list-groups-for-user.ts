import { requireEntity } from "#domain/entity";
import { groupMetadata } from "#domain/entity-metadata";
import { userResource } from "#domain/iam-resource";
import { groupOf } from "#domain/identity-policies";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, group, page, pageOf } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the groups that a user is in. */
export const listGroupsForUser = operation({
  name: "ListGroupsForUser",
  quota: own,
  permission: "iam:ListGroupsForUser",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: required(existingUserName), ...page }),
  output: structure({ Groups: required(list(group)), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const user = requireEntity(await principals.user(account, input.UserName), "user", input.UserName);
    const groups = await Promise.all(user.groups.map((membership) => groupOf(user, membership, principals)));
    const { entries, end } = listing(groups, ({ name }) => name, input, paging([user.id]));
    return { Groups: entries.map(groupMetadata), ...end };
  },
});
