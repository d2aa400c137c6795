import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { userNameOf } from "#domain/user";
import { operation } from "#operation";
import { accessKeyId, existingUserName, page, pageOf, status, userName } from "#wire/iam-members";
import { list, required, structure, timestamp } from "#wire/shape";

/** Lists the access keys of a user, or of the caller, without their secrets. */
export const listAccessKeys = operation({
  name: "ListAccessKeys",
  quota: own,
  permission: "iam:ListAccessKeys",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: existingUserName, ...page }),
  output: structure({
    AccessKeyMetadata: required(list(structure({ UserName: userName, AccessKeyId: accessKeyId, Status: status, CreateDate: timestamp }))),
    ...pageOf,
  }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller, stores: { principals }, paging }) {
    const named = userNameOf(input.UserName, caller);
    const user = requireEntity(await principals.user(caller.account, named), "user", named);
    const { entries, end } = listing(user.accessKeys, ({ id }) => id, input, paging([user.id]));
    return {
      AccessKeyMetadata: entries.map(({ id, active, created }) => ({
        UserName: user.name,
        AccessKeyId: id,
        Status: active ? ("Active" as const) : ("Inactive" as const),
        CreateDate: created,
      })),
      ...end,
    };
  },
});
