import { requireEntity } from "#domain/entity";
import { attachedEntry, attachedKey } from "#domain/entity-metadata";
import { parseIamArn } from "#domain/iam-arn";
import { groupResource } from "#domain/iam-resource";
import { listing, under } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { attachedPolicies, groupName, page, pageOf, policyPath } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the managed policies that are attached to a group. */
export const listAttachedGroupPolicies = operation({
  name: "ListAttachedGroupPolicies",
  quota: own,
  permission: "iam:ListAttachedGroupPolicies",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "read" },
  input: structure({ GroupName: required(groupName), PathPrefix: policyPath, ...page }),
  output: structure({ AttachedPolicies: attachedPolicies, ...pageOf }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { GroupName: name, PathPrefix: prefix } = input;
    const group = requireEntity(await principals.group(account, name), "group", name);
    const below = group.attached.filter((attached) => under(prefix)({ path: parseIamArn(attached)?.path ?? "/" }));
    const { entries, end } = listing(below, attachedKey, input, paging([group.id, prefix ?? ""]));
    return { AttachedPolicies: entries.map(attachedEntry), ...end };
  },
});
