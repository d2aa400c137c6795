import { requireEntity } from "#domain/entity";
import { roleMetadata } from "#domain/entity-metadata";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { role, roleDescription, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Changes the description of a role. */
export const updateRoleDescription = operation({
  name: "UpdateRoleDescription",
  quota: own,
  permission: "iam:UpdateRoleDescription",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), Description: required(roleDescription) }),
  output: structure({ Role: role }),
  errors: ["NoSuchEntityException", "UnmodifiableEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name, Description: description }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(found, { ...found, description });
    return { Role: roleMetadata({ ...found, description }) };
  },
});
