import { requireEntity } from "#domain/entity";
import { userResource } from "#domain/iam-resource";
import { withAttached } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Attaches a managed policy to a user. */
export const attachUserPolicy = operation({
  name: "AttachUserPolicy",
  quota: own,
  permission: "iam:AttachUserPolicy",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  conditions: { "iam:PolicyARN": ({ PolicyArn }) => PolicyArn },
  uses: { principals: "write" },
  input: structure({ UserName: required(userName), PolicyArn: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "PolicyNotAttachableException",
    "ServiceFailureException",
  ],
  async handle({ input: { UserName: name, PolicyArn }, caller, stores: { principals } }) {
    const user = requireEntity(await principals.user(caller.account, name), "user", name);
    const policy = await requireAttachable(PolicyArn, caller, principals);
    const changed = withAttached("user", user, policy);
    if (changed === user) return;
    await principals.replaceUser(user, changed);
    await requireStillThere(policy, principals, () => principals.replaceUser({ ...changed, version: user.version + 1 }, user));
  },
});
