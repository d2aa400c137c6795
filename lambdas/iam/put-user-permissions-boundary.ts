import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { requireAttachable } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Bounds what a user may: no more than this managed policy allows. */
export const putUserPermissionsBoundary = operation({
  name: "PutUserPermissionsBoundary",
  quota: own,
  permission: "iam:PutUserPermissionsBoundary",
  resource: async ({ UserName, PermissionsBoundary }, facts) => ({
    ...(await userResource(UserName, facts)),
    boundary: PermissionsBoundary,
  }),
  uses: { principals: "write" },
  input: structure({ UserName: required(userName), PermissionsBoundary: required(arn) }),
  errors: ["NoSuchEntityException", "InvalidInputException", "PolicyNotAttachableException", "ServiceFailureException"],
  async handle({ input: { UserName: name, PermissionsBoundary: boundary }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, name), "user", name);
    await requireAttachable(boundary, account, principals);
    await principals.replaceUser(user, { ...user, boundary });
  },
});
