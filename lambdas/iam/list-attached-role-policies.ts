import { requireEntity } from "#domain/entity";
import { attachedEntry, attachedKey } from "#domain/entity-metadata";
import { parseIamArn } from "#domain/iam-arn";
import { roleResource } from "#domain/iam-resource";
import { listing, under } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { attachedPolicies, page, pageOf, policyPath, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the managed policies that are attached to a role. */
export const listAttachedRolePolicies = operation({
  name: "ListAttachedRolePolicies",
  quota: own,
  permission: "iam:ListAttachedRolePolicies",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName), PathPrefix: policyPath, ...page }),
  output: structure({ AttachedPolicies: attachedPolicies, ...pageOf }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { RoleName: name, PathPrefix: prefix } = input;
    const role = requireEntity(await principals.role(account, name), "role", name);
    const below = role.attached.filter((attached) => under(prefix)({ path: parseIamArn(attached)?.path ?? "/" }));
    const { entries, end } = listing(below, attachedKey, input, paging([role.id, prefix ?? ""]));
    return { AttachedPolicies: entries.map(attachedEntry), ...end };
  },
});
