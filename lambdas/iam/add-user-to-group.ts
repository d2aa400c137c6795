import { noSuchEntity, requireEntity } from "#domain/entity";
import { withGroup } from "#domain/group";
import { groupResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, groupName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Makes a user a member of a group: what the group may, the user may. */
export const addUserToGroup = operation({
  name: "AddUserToGroup",
  quota: own,
  permission: "iam:AddUserToGroup",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), UserName: required(existingUserName) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { GroupName, UserName }, caller: { account }, stores: { principals } }) {
    const group = requireEntity(await principals.group(account, GroupName), "group", GroupName);
    const user = requireEntity(await principals.user(account, UserName), "user", UserName);
    const changed = withGroup(user, group);
    if (changed === user) return;
    await principals.replaceUser(user, changed);
    if (await principals.groupById(group.id)) return;
    // Deleted meanwhile, by somebody who did not see the new member.
    await principals.replaceUser({ ...changed, version: user.version + 1 }, user);
    throw noSuchEntity("group", GroupName);
  },
});
