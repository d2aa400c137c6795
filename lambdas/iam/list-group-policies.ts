import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName, page, pageOf, policyName } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the names of the inline policies of a group. */
export const listGroupPolicies = operation({
  name: "ListGroupPolicies",
  quota: own,
  permission: "iam:ListGroupPolicies",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "read" },
  input: structure({ GroupName: required(groupName), ...page }),
  output: structure({ PolicyNames: required(list(policyName)), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { GroupName: name } = input;
    const group = requireEntity(await principals.group(account, name), "group", name);
    const { entries, end } = listing(group.inline, (policy) => policy.name, input, paging([group.id]));
    return { PolicyNames: entries.map((policy) => policy.name), ...end };
  },
});
