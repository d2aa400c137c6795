import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { boundedBy, withoutBoundary } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
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
  async handle({ input: { UserName: name, PermissionsBoundary }, caller, stores: { principals } }) {
    const user = requireEntity(await principals.user(caller.account, name), "user", name);
    const policy = await requireAttachable(PermissionsBoundary, caller, principals);
    const changed = { ...withoutBoundary(user), ...boundedBy(policy) };
    await principals.replaceUser(user, changed);
    await requireStillThere(policy, principals, () => principals.replaceUser({ ...changed, version: user.version + 1 }, user));
  },
});
