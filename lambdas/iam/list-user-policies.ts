import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, page, pageOf, policyName } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the names of the inline policies of a user. */
export const listUserPolicies = operation({
  name: "ListUserPolicies",
  quota: own,
  permission: "iam:ListUserPolicies",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: required(existingUserName), ...page }),
  output: structure({ PolicyNames: required(list(policyName)), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { UserName: name } = input;
    const user = requireEntity(await principals.user(account, name), "user", name);
    const { entries, end } = listing(user.inline, (policy) => policy.name, input, paging([user.id]));
    return { PolicyNames: entries.map((policy) => policy.name), ...end };
  },
});
