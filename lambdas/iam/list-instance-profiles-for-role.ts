import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { instanceProfiles, page, pageOf, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the instance profiles of a role: none, for there are no instances here. */
export const listInstanceProfilesForRole = operation({
  name: "ListInstanceProfilesForRole",
  quota: own,
  permission: "iam:ListInstanceProfilesForRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName), ...page }),
  output: structure({ InstanceProfiles: required(instanceProfiles), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { RoleName: name }, caller: { account }, stores: { principals } }) {
    requireEntity(await principals.role(account, name), "role", name);
    return { InstanceProfiles: [], IsTruncated: false };
  },
});
