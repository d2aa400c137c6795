import { requireEntity } from "#domain/entity";
import { withoutEntityTags } from "#domain/entity-tags";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { roleName, tagKeys } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes tags from a role. */
export const untagRole = operation({
  name: "UntagRole",
  quota: own,
  permission: "iam:UntagRole",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  conditions: { "aws:TagKeys": ({ TagKeys }) => TagKeys },
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), TagKeys: required(tagKeys) }),
  errors: ["NoSuchEntityException", "ConcurrentModificationException", "ServiceFailureException"],
  async handle({ input: { RoleName: name, TagKeys: keys }, caller: { account }, stores: { principals } }) {
    const found = requireEntity(await principals.role(account, name), "role", name);
    await principals.replaceRole(found, { ...found, tags: withoutEntityTags(found.tags, keys) });
  },
});
