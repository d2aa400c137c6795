import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { withInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName, policyDocument, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives a group an inline policy, in the place of the one of this name. */
export const putGroupPolicy = operation({
  name: "PutGroupPolicy",
  quota: own,
  permission: "iam:PutGroupPolicy",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "write" },
  input: structure({ GroupName: required(groupName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: ["LimitExceededException", "MalformedPolicyDocumentException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const { GroupName: name, PolicyName, PolicyDocument: document } = input;
    const group = requireEntity(await principals.group(account, name), "group", name);
    await principals.replaceGroup(group, withInline("group", group, { name: PolicyName, document }));
  },
});
