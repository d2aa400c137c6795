import { requireEntity } from "#domain/entity";
import { attachedEntry, attachedKey } from "#domain/entity-metadata";
import { parseIamArn } from "#domain/iam-arn";
import { userResource } from "#domain/iam-resource";
import { listing, under } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { attachedPolicies, page, pageOf, policyPath, userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the managed policies that are attached to a user. */
export const listAttachedUserPolicies = operation({
  name: "ListAttachedUserPolicies",
  quota: own,
  permission: "iam:ListAttachedUserPolicies",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "read" },
  input: structure({ UserName: required(userName), PathPrefix: policyPath, ...page }),
  output: structure({ AttachedPolicies: attachedPolicies, ...pageOf }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { UserName: name, PathPrefix: prefix } = input;
    const user = requireEntity(await principals.user(account, name), "user", name);
    const below = user.attached.filter((attached) => under(prefix)({ path: parseIamArn(attached)?.path ?? "/" }));
    const { entries, end } = listing(below, attachedKey, input, paging([user.id, prefix ?? ""]));
    return { AttachedPolicies: entries.map(attachedEntry), ...end };
  },
});
