import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { withoutInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes an inline policy from a group. */
export const deleteGroupPolicy = operation({
  name: "DeleteGroupPolicy",
  quota: own,
  permission: "iam:DeleteGroupPolicy",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), PolicyName: required(policyName) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { GroupName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const group = requireEntity(await principals.group(account, name), "group", name);
    await principals.replaceGroup(group, withoutInline("group", group, PolicyName));
  },
});
