import { requireEntity } from "#domain/entity";
import { groupMetadata, userEntry } from "#domain/entity-metadata";
import { isMember } from "#domain/group";
import { groupResource } from "#domain/iam-resource";
import { listingOf } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { group, groupName, page, pageOf, user } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Tells about a group, and lists its members. */
export const getGroup = operation({
  name: "GetGroup",
  quota: own,
  permission: "iam:GetGroup",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "read" },
  input: structure({ GroupName: required(groupName), ...page }),
  output: structure({ Group: required(group), Users: required(list(user)), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const found = requireEntity(await principals.group(account, input.GroupName), "group", input.GroupName);
    const { entries, end } = await listingOf(
      (part) => principals.users(account, part),
      ({ name }) => name,
      (member) => isMember(member, found),
      input,
      paging([found.id]),
    );
    return { Group: groupMetadata(found), Users: entries.map(userEntry), ...end };
  },
});
