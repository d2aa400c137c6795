import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withAttached } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Attaches a managed policy to a role. */
export const attachRolePolicy = operation({
  name: "AttachRolePolicy",
  quota: own,
  permission: "iam:AttachRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PolicyArn: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "UnmodifiableEntityException",
    "PolicyNotAttachableException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name, PolicyArn }, caller, stores: { principals } }) {
    const role = requireEntity(await principals.role(caller.account, name), "role", name);
    const policy = await requireAttachable(PolicyArn, caller, principals);
    const changed = withAttached("role", role, policy);
    if (changed === role) return;
    await principals.replaceRole(role, changed);
    await requireStillThere(policy, principals, () => principals.replaceRole({ ...changed, version: role.version + 1 }, role));
  },
});
