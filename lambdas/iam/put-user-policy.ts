import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { withInline } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, policyDocument, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives a user an inline policy, in the place of the one of this name. */
export const putUserPolicy = operation({
  name: "PutUserPolicy",
  quota: own,
  permission: "iam:PutUserPolicy",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: ["LimitExceededException", "MalformedPolicyDocumentException", "NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const { UserName: name, PolicyName, PolicyDocument: document } = input;
    const user = requireEntity(await principals.user(account, name), "user", name);
    await principals.replaceUser(user, withInline("user", user, { name: PolicyName, document }));
  },
});
