import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { USUAL_SESSION } from "#domain/role";
import { operation } from "#operation";
import { maxSessionDuration, roleDescription, roleName } from "#wire/iam-members";
import { required, structure, withDefault } from "#wire/shape";

/** Changes the description of a role, and how long its sessions may be: an hour if that is not said. */
export const updateRole = operation({
  name: "UpdateRole",
  quota: own,
  permission: "iam:UpdateRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({
    RoleName: required(roleName),
    Description: roleDescription,
    MaxSessionDuration: withDefault(maxSessionDuration, USUAL_SESSION),
  }),
  output: structure({}),
  errors: ["UnmodifiableEntityException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const { RoleName: name, Description: description, MaxSessionDuration: longestSession } = input;
    const role = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(role, { ...role, longestSession, ...(description !== undefined && { description }) });
  },
});
