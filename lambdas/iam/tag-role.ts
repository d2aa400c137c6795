import { requireEntity } from "#domain/entity";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { roleName, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Adds tags to a role, or gives those it has new values. */
export const tagRole = operation({
  name: "TagRole",
  quota: own,
  permission: "iam:TagRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  conditions: requestTags,
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), Tags: required(tags) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name, Tags: tags }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(found, { ...found, tags: withEntityTags(found.tags, tags) });
  },
});
