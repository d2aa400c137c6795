import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { requireNoPolicies } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Deletes a role that has no policies left. Its sessions end with it. */
export const deleteRole = operation({
  name: "DeleteRole",
  quota: own,
  permission: "iam:DeleteRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName) }),
  errors: [
    "NoSuchEntityException",
    "DeleteConflictException",
    "LimitExceededException",
    "UnmodifiableEntityException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    requireNoPolicies(role);
    await principals.removeRole(role);
  },
});
