import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { policyDocument, policyName, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives a role an inline policy, in the place of the one of this name. */
export const putRolePolicy = operation({
  name: "PutRolePolicy",
  quota: own,
  permission: "iam:PutRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: [
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "NoSuchEntityException",
    "UnmodifiableEntityException",
    "ServiceFailureException",
  ],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const { RoleName: name, PolicyName, PolicyDocument: document } = input;
    const role = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(role, withInline("role", role, { name: PolicyName, document }));
  },
});
