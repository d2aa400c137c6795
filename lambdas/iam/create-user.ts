import { randomBytes } from "@trent/crypto";
import { requireFree, requireRoom } from "#domain/entity";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { userMetadata } from "#domain/entity-metadata";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { newResource } from "#domain/iam-resource";
import { boundedBy } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { USERS } from "#domain/user";
import { operation } from "#operation";
import { arn, path, tags, user, userName } from "#wire/iam-members";
import { required, structure, withDefault } from "#wire/shape";

/** Makes a user, who may do nothing yet. */
export const createUser = operation({
  name: "CreateUser",
  quota: own,
  permission: "iam:CreateUser",
  resource: ({ Path, UserName }, facts) => newResource("user", Path, UserName, facts),
  also: ({ Tags }) => (Tags?.length ? ["iam:TagUser"] : []),
  conditions: {
    "iam:PermissionsBoundary": ({ PermissionsBoundary }) => PermissionsBoundary,
    ...requestTags,
  },
  uses: { principals: "write" },
  input: structure({ Path: withDefault(path, "/"), UserName: required(userName), PermissionsBoundary: arn, Tags: tags }),
  output: structure({ User: user }),
  errors: [
    "LimitExceededException",
    "EntityAlreadyExistsException",
    "NoSuchEntityException",
    "InvalidInputException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input, caller, stores: { principals }, now }) {
    const { UserName: name, Path: path, PermissionsBoundary } = input;
    const { account } = caller;
    requireFree(await principals.user(account, name), "User", name);
    requireRoom(await principals.userCount(account, now), "UsersPerAccount", USERS);
    const boundary = PermissionsBoundary === undefined ? undefined : await requireAttachable(PermissionsBoundary, caller, principals);
    const made = {
      account,
      name,
      path,
      id: uniqueId("AIDA", randomBytes(ID_BYTES)),
      arn: entityArn(partitionIn(caller.arn), account, "user", path, name),
      created: now,
      inline: [],
      attached: [],
      accessKeys: [],
      groups: [],
      ...(boundary && boundedBy(boundary)),
      tags: withEntityTags(new Map(), input.Tags ?? []),
      version: 0,
    };
    await principals.createUser(made);
    if (boundary) await requireStillThere(boundary, principals, () => principals.removeUser({ ...made, version: 1 }));
    return { User: userMetadata(made) };
  },
});
