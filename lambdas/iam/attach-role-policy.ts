import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withAttached } from "#domain/policy-holder";
import { requireAttachable } from "#domain/policy-reference";
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
  async handle({ input: { RoleName: name, PolicyArn: policy }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    await requireAttachable(policy, account, principals);
    const changed = withAttached("role", role, policy);
    if (changed !== role) await principals.replaceRole(role, changed);
  },
});
