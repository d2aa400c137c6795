import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { encodedDocument, inlineOf } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { policyDocument, policyName, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Shows an inline policy of a role. */
export const getRolePolicy = operation({
  name: "GetRolePolicy",
  quota: own,
  permission: "iam:GetRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName), PolicyName: required(policyName) }),
  output: structure({ RoleName: required(roleName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    const found = inlineOf("role", role, PolicyName);
    return { RoleName: role.name, PolicyName: found.name, PolicyDocument: encodedDocument(found.document) };
  },
});
