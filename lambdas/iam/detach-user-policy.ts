import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { withoutAttached } from "#domain/policy-holder";
import { requirePolicyArn } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Detaches a managed policy from a user. */
export const detachUserPolicy = operation({
  name: "DetachUserPolicy",
  quota: own,
  permission: "iam:DetachUserPolicy",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ UserName: required(userName), PolicyArn: required(arn) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input: { UserName: name, PolicyArn: policy }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, name), "user", name);
    requirePolicyArn(policy);
    await principals.replaceUser(user, withoutAttached(user, policy));
  },
});
