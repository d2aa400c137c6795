import { requireEntity } from "#domain/entity";
import { isMember, withoutGroup } from "#domain/group";
import { groupResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, groupName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Ends the membership of a user in a group. */
export const removeUserFromGroup = operation({
  name: "RemoveUserFromGroup",
  quota: own,
  permission: "iam:RemoveUserFromGroup",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), UserName: required(existingUserName) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { GroupName, UserName }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, UserName), "user", UserName);
    const group = await principals.group(account, GroupName);
    const left = group && isMember(user, group) ? group : await orphaned(user.groups);
    await principals.replaceUser(user, withoutGroup(user, requireEntity(left ?? group, "group", GroupName)));

    /** A group that was deleted while somebody joined it has to be left all the same. */
    async function orphaned(groups: typeof user.groups) {
      const named = groups.find(({ name }) => name.toLowerCase() === GroupName.toLowerCase());
      return named && !(await principals.groupById(named.id)) ? named : undefined;
    }
  },
});
