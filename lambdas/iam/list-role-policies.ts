import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { page, pageOf, policyName, roleName } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the names of the inline policies of a role. */
export const listRolePolicies = operation({
  name: "ListRolePolicies",
  quota: own,
  permission: "iam:ListRolePolicies",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName), ...page }),
  output: structure({ PolicyNames: required(list(policyName)), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { RoleName: name } = input;
    const role = requireEntity(await principals.role(account, name), "role", name);
    const { entries, end } = listing(role.inline, (policy) => policy.name, input, paging([role.id]));
    return { PolicyNames: entries.map((policy) => policy.name), ...end };
  },
});
