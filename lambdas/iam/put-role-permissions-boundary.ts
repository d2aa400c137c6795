import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { boundedBy, withoutBoundary } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Bounds what a role may: no more than this managed policy allows. */
export const putRolePermissionsBoundary = operation({
  name: "PutRolePermissionsBoundary",
  quota: own,
  permission: "iam:PutRolePermissionsBoundary",
  resource: async ({ RoleName, PermissionsBoundary }, facts) => ({
    ...(await roleResource(RoleName, facts)),
    boundary: PermissionsBoundary,
  }),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PermissionsBoundary: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "InvalidInputException",
    "UnmodifiableEntityException",
    "PolicyNotAttachableException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name, PermissionsBoundary }, caller, stores: { principals } }) {
    const role = requireEntity(await principals.role(caller.account, name), "role", name);
    const policy = await requireAttachable(PermissionsBoundary, caller, principals);
    const changed = { ...withoutBoundary(role), ...boundedBy(policy) };
    await principals.replaceRole(role, changed);
    await requireStillThere(policy, principals, () => principals.replaceRole({ ...changed, version: role.version + 1 }, role));
  },
});
