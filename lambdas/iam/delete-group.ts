import { cannotDelete, requireEntity } from "#domain/entity";
import { isMember } from "#domain/group";
import { groupResource } from "#domain/iam-resource";
import { allOf } from "#domain/listing";
import { requireNoPolicies } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Deletes a group that has neither members nor policies left. */
export const deleteGroup = operation({
  name: "DeleteGroup",
  quota: own,
  permission: "iam:DeleteGroup",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName) }),
  errors: ["NoSuchEntityException", "DeleteConflictException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { GroupName: name }, caller: { account }, stores: { principals } }) {
    const group = requireEntity(await principals.group(account, name), "group", name);
    requireNoPolicies(group);
    const requireEmpty = async () => {
      const users = await allOf((part) => principals.users(account, part));
      if (users.some((user) => isMember(user, group))) throw cannotDelete("remove users from group");
    };
    await requireEmpty();
    await principals.removeGroup(group);
    // Whoever joins meanwhile either finds it gone or is found here: nobody is in what is not there.
    await requireEmpty().catch(async (cause) => {
      await principals.createGroup(group);
      throw cause;
    });
  },
});
