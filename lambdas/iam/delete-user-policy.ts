import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { withoutInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes an inline policy from a user. */
export const deleteUserPolicy = operation({
  name: "DeleteUserPolicy",
  quota: own,
  permission: "iam:DeleteUserPolicy",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName), PolicyName: required(policyName) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { UserName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, name), "user", name);
    await principals.replaceUser(user, withoutInline("user", user, PolicyName));
  },
});
