import { noSuchEntity, requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { withoutBoundary } from "#domain/policy-holder";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes the permissions boundary from a user: what its policies allow, it may. */
export const deleteUserPermissionsBoundary = operation({
  name: "DeleteUserPermissionsBoundary",
  quota: own,
  permission: "iam:DeleteUserPermissionsBoundary",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: required(userName) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input: { UserName: name }, caller: { account }, stores: { principals } }) {
    const user = requireEntity(await principals.user(account, name), "user", name);
    if (user.boundary === undefined) throw noSuchEntity("permissions boundary of user", name);
    await principals.replaceUser(user, withoutBoundary(user));
  },
});
