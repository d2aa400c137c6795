import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { encodedDocument, inlineOf } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, policyDocument, policyName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Shows an inline policy of a user. */
export const getUserPolicy = operation({
  name: "GetUserPolicy",
  quota: own,
  permission: "iam:GetUserPolicy",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: required(existingUserName), PolicyName: required(policyName) }),
  output: structure({ UserName: required(existingUserName), PolicyName: required(policyName), PolicyDocument: required(policyDocument) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { UserName: name, PolicyName }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, name), "user", name);
    const found = inlineOf("user", user, PolicyName);
    return { UserName: user.name, PolicyName: found.name, PolicyDocument: encodedDocument(found.document) };
  },
});
