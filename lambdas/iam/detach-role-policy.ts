import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { withoutAttached } from "#domain/policy-holder";
import { requirePolicyArn } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Detaches a managed policy from a role. */
export const detachRolePolicy = operation({
  name: "DetachRolePolicy",
  quota: own,
  permission: "iam:DetachRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PolicyArn: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "UnmodifiableEntityException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name, PolicyArn: policy }, caller: { account }, stores: { principals } }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    requirePolicyArn(policy);
    await principals.replaceRole(role, withoutAttached(role, policy));
  },
});
