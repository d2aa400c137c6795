import { roleEntry } from "#domain/entity-metadata";
import { listResource } from "#domain/iam-resource";
import { listingOf, under } from "#domain/listing";
import { shownRole } from "#domain/policy/shown-names";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { page, pageOf, pathPrefix, role } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the roles of the account. */
export const listRoles = operation({
  name: "ListRoles",
  quota: own,
  permission: "iam:ListRoles",
  resource: ({ PathPrefix }, facts) => listResource("role", PathPrefix, facts),
  uses: { principals: "read" },
  input: structure({ PathPrefix: pathPrefix, ...page }),
  output: structure({ Roles: required(list(role)), ...pageOf }),
  errors: ["ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { PathPrefix: prefix } = input;
    const { entries, end } = await listingOf(
      (part) => principals.roles(account, part),
      ({ name }) => name,
      under(prefix),
      input,
      paging([prefix ?? ""]),
    );
    const shown = await Promise.all(entries.map((entry) => shownRole(entry, principals.arnOf)));
    return { Roles: shown.map(roleEntry), ...end };
  },
});
