import { noSuchEntity, requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withoutBoundary } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes the permissions boundary from a role: what its policies allow, it may. */
export const deleteRolePermissionsBoundary = operation({
  name: "DeleteRolePermissionsBoundary",
  quota: own,
  permission: "iam:DeleteRolePermissionsBoundary",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName) }),
  errors: ["NoSuchEntityException", "UnmodifiableEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    if (role.boundary === undefined) throw noSuchEntity("permissions boundary of role", name);
    await principals.replaceRole(role, withoutBoundary(role));
  },
});
