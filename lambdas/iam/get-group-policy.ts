import { requireEntity } from "#domain/entity";
import { groupResource } from "#domain/iam-resource";
import { encodedDocument, inlineOf } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { groupName, policyDocument, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Shows an inline policy of a group. */
export const getGroupPolicy = operation({
  name: "GetGroupPolicy",
  quota: own,
  permission: "iam:GetGroupPolicy",
  resource: ({ GroupName }, facts) => groupResource(GroupName, facts),
  uses: { principals: "read" },
  input: structure({ GroupName: required(groupName), PolicyName: required(policyName) }),
  output: structure({ GroupName: required(groupName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { GroupName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const group = requireEntity(await principals.group(account, name), "group", name);
    const found = inlineOf("group", group, PolicyName);
    return { GroupName: group.name, PolicyName: found.name, PolicyDocument: encodedDocument(found.document) };
  },
});
