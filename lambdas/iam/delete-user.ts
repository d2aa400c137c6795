import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { requireDeletableUser } from "#domain/user";
import { operation } from "#operation";
import { existingUserName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Deletes a user that has nothing left: no access keys, policies or groups. */
export const deleteUser = operation({
  name: "DeleteUser",
  quota: own,
  permission: "iam:DeleteUser",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName) }),
  errors: [
    "LimitExceededException",
    "NoSuchEntityException",
    "DeleteConflictException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input: { UserName: name }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.user(account, name), "user", name);
    requireDeletableUser(found);
    await principals.removeUser(found);
  },
});
