import { requireEntity } from "#domain/entity";
import { userMetadata } from "#domain/entity-metadata";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { userNameOf } from "#domain/user";
import { operation } from "#operation";
import { existingUserName, user } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Tells about a user, or the caller. */
export const getUser = operation({
  name: "GetUser",
  quota: own,
  permission: "iam:GetUser",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: existingUserName }),
  output: structure({ User: required(user) }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller, stores: { principals }, now }) {
    if (input.UserName === undefined && caller.kind === "root") {
      const created = (await principals.account(caller.account))?.created ?? now;
      return { User: { UserId: caller.id, Arn: caller.arn, CreateDate: created } };
    }
    const name = userNameOf(input.UserName, caller);
    return { User: userMetadata(requireEntity(await principals.user(caller.account, name), "user", name)) };
  },
});
