import { requireEntity } from "#domain/entity";
import { Fault } from "#domain/fault";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { userNameOf, withKeyActive } from "#domain/user";
import { operation } from "#operation";
import { accessKeyId, existingUserName, status } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lets an access key of a user, or of the caller, work or not. */
export const updateAccessKey = operation({
  name: "UpdateAccessKey",
  quota: own,
  permission: "iam:UpdateAccessKey",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: existingUserName, AccessKeyId: required(accessKeyId), Status: required(status) }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException", "InvalidInputException"],
  async handle({ input: { UserName, AccessKeyId: id, Status: status }, caller, stores: { principals } }) {
    const named = userNameOf(UserName, caller);
    const user = requireEntity(await principals.user(caller.account, named), "user", named);
    // AWS's text is UNVERIFIED.
    if (status === "Expired") throw new Fault("InvalidInputException", "The status of an access key can be set to Active or Inactive.");
    await principals.replaceUser(user, withKeyActive(user, id, status === "Active"));
  },
});
