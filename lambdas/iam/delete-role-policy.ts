import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withoutInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { policyName, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes an inline policy from a role. */
export const deleteRolePolicy = operation({
  name: "DeleteRolePolicy",
  quota: own,
  permission: "iam:DeleteRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PolicyName: required(policyName) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "UnmodifiableEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(role, withoutInline("role", role, PolicyName));
  },
});
