import { requireEntity, requireFree } from "#domain/entity";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { groupResource, newResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName, path } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives a group another name or path; its members and policies stay. */
export const updateGroup = operation({
  name: "UpdateGroup",
  quota: own,
  permission: "iam:UpdateGroup",
  resource: async ({ GroupName, NewGroupName, NewPath }, facts) => {
    const found = await facts.principals.group(facts.caller.account, GroupName);
    const renamed = newResource("group", NewPath ?? found?.path, NewGroupName ?? GroupName, facts);
    return [await groupResource(GroupName, facts), renamed];
  },
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), NewPath: path, NewGroupName: groupName }),
  errors: ["NoSuchEntityException", "EntityAlreadyExistsException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const read = requireEntity(await principals.group(account, input.GroupName), "group", input.GroupName);
    const { NewGroupName: name = read.name, NewPath: path = read.path } = input;
    const taken = await principals.group(account, name);
    if (taken?.id !== read.id) requireFree(taken, "Group", name);
    if (name === read.name && path === read.path) return;
    await principals.renameGroup(read, { ...read, name, path, arn: entityArn(partitionIn(read.arn), account, "group", path, name) });
  },
});
