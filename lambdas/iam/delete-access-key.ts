import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { userNameOf, withoutKey } from "#domain/user";
import { operation } from "#operation";
import { accessKeyId, existingUserName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Deletes an access key of a user, or of the caller. */
export const deleteAccessKey = operation({
  name: "DeleteAccessKey",
  quota: own,
  permission: "iam:DeleteAccessKey",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: existingUserName, AccessKeyId: required(accessKeyId) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { UserName, AccessKeyId: id }, caller, stores: { principals } }) {
    const named = userNameOf(UserName, caller);
    const user = requireEntity(await principals.user(caller.account, named), "user", named);
    await principals.replaceUser(user, withoutKey(user, id));
    await principals.removeAccessKey(id);
  },
});
