import { randomBytes } from "@trent/crypto";
import { requireFree, requireRoom } from "#domain/entity";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { groupMetadata } from "#domain/entity-metadata";
import { GROUPS } from "#domain/group";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { newResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { group, groupName, path } from "#wire/iam-members";
import { required, structure, withDefault } from "#wire/shape";

/** Makes a group, without members or policies. */
export const createGroup = operation({
  name: "CreateGroup",
  quota: own,
  permission: "iam:CreateGroup",
  resource: ({ Path, GroupName }, facts) => newResource("group", Path, GroupName, facts),
  uses: { principals: "write" },
  input: structure({ Path: withDefault(path, "/"), GroupName: required(groupName) }),
  output: structure({ Group: required(group) }),
  errors: ["LimitExceededException", "EntityAlreadyExistsException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { GroupName: name, Path: path }, caller, stores: { principals }, now }) {
    const { account } = caller;
    requireFree(await principals.group(account, name), "Group", name);
    requireRoom(await principals.groupCount(account, now), "GroupsPerAccount", GROUPS);
    const made = {
      account,
      name,
      path,
      id: uniqueId("AGPA", randomBytes(ID_BYTES)),
      arn: entityArn(partitionIn(caller.arn), account, "group", path, name),
      created: now,
      inline: [],
      attached: [],
      version: 0,
    };
    await principals.createGroup(made);
    return { Group: groupMetadata(made) };
  },
});
