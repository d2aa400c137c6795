import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { withoutAttached } from "#domain/policy-holder";
import { requirePolicyArn } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, groupName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Detaches a managed policy from a group. */
export const detachGroupPolicy = operation({
  name: "DetachGroupPolicy",
  quota: own,
  permission: "iam:DetachGroupPolicy",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), PolicyArn: required(arn) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input: { GroupName: name, PolicyArn: policy }, caller: { account }, stores: { principals } }) {
    const group = requireEntity(await principals.group(account, name), "group", name);
    requirePolicyArn(policy);
    await principals.replaceGroup(group, withoutAttached(group, policy));
  },
});
