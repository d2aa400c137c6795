import { requireEntity } from "#domain/entity";
import { tagList } from "#domain/entity-tags";
import { roleResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { page, pageOf, roleName, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the tags of a role. */
export const listRoleTags = operation({
  name: "ListRoleTags",
  quota: own,
  permission: "iam:ListRoleTags",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "read" },
  input: structure({ RoleName: required(roleName), ...page }),
  output: structure({ Tags: required(tags), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { RoleName: name } = input;
    const found = requireEntity(await principals.role(account, name), "role", name);
    const { entries, end } = listing(tagList(found.tags), ({ Key }) => Key, input, paging([found.id]));
    return { Tags: entries, ...end };
  },
});
