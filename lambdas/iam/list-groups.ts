import { groupMetadata } from "#domain/entity-metadata";
import { listResource } from "#domain/iam-resource";
import { listingOf, under } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { group, page, pageOf, pathPrefix } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the groups of the account. */
export const listGroups = operation({
  name: "ListGroups",
  quota: own,
  permission: "iam:ListGroups",
  resource: ({ PathPrefix }, facts) => listResource("group", PathPrefix, facts),
  uses: { principals: "read" },
  input: structure({ PathPrefix: pathPrefix, ...page }),
  output: structure({ Groups: required(list(group)), ...pageOf }),
  errors: ["ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { PathPrefix: prefix } = input;
    const { entries, end } = await listingOf(
      (part) => principals.groups(account, part),
      ({ name }) => name,
      under(prefix),
      input,
      paging([prefix ?? ""]),
    );
    return { Groups: entries.map(groupMetadata), ...end };
  },
});
