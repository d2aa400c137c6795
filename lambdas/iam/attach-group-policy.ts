import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { withAttached } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, groupName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Attaches a managed policy to a group. */
export const attachGroupPolicy = operation({
  name: "AttachGroupPolicy",
  quota: own,
  permission: "iam:AttachGroupPolicy",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), PolicyArn: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "PolicyNotAttachableException",
    "ServiceFailureException",
  ],
  async handle({ input: { GroupName: name, PolicyArn }, caller, stores: { principals } }) {
    const group = requireEntity(await principals.group(caller.account, name), "group", name);
    const policy = await requireAttachable(PolicyArn, caller, principals);
    const changed = withAttached("group", group, policy);
    if (changed === group) return;
    await principals.replaceGroup(group, changed);
    await requireStillThere(policy, principals, () => principals.replaceGroup({ ...changed, version: group.version + 1 }, group));
  },
});
