import { requireEntity, requireFree } from "#domain/entity";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { newResource, userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { existingUserName, path, userName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Gives a user another name or path; its unique id, keys and policies stay. */
export const updateUser = operation({
  name: "UpdateUser",
  quota: own,
  permission: "iam:UpdateUser",
  resource: async ({ UserName, NewUserName, NewPath }, facts) => {
    const found = await facts.principals.user(facts.caller.account, UserName);
    const renamed = newResource("user", NewPath ?? found?.path, NewUserName ?? UserName, facts);
    return [await userResource(UserName, facts), renamed];
  },
  uses: { principals: "write" },
  input: structure({ UserName: required(existingUserName), NewPath: path, NewUserName: userName }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "EntityAlreadyExistsException",
    "EntityTemporarilyUnmodifiableException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const read = requireEntity(await principals.user(account, input.UserName), "user", input.UserName);
    const { NewUserName: name = read.name, NewPath: path = read.path } = input;
    const taken = await principals.user(account, name);
    if (taken?.id !== read.id) requireFree(taken, "User", name);
    if (name === read.name && path === read.path) return;
    await principals.renameUser(read, { ...read, name, path, arn: entityArn(partitionIn(read.arn), account, "user", path, name) });
  },
});
