import { requireEntity } from "#domain/entity";
import { roleMetadata } from "#domain/entity-metadata";
import { roleResource } from "#domain/iam-resource";
import { shownRole } from "#domain/policy/shown-names";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { role, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Tells about a role. */
export const getRole = operation({
  name: "GetRole",
  quota: own,
  permission: "iam:GetRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName) }),
  output: structure({ Role: required(role) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.role(account, name), "role", name);
    return { Role: { ...roleMetadata(await shownRole(found, principals.arnOf)), RoleLastUsed: {} } };
  },
});
