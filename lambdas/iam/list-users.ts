import { userEntry } from "#domain/entity-metadata";
import { listResource } from "#domain/iam-resource";
import { listingOf, under } from "#domain/listing";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { page, pageOf, pathPrefix, user } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the users of the account. */
export const listUsers = operation({
  name: "ListUsers",
  quota: own,
  permission: "iam:ListUsers",
  resource: ({ PathPrefix }, facts) => listResource("user", PathPrefix, facts),
  uses: { principals: "read" },
  input: structure({ PathPrefix: pathPrefix, ...page }),
  output: structure({ Users: required(list(user)), ...pageOf }),
  errors: ["ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { PathPrefix: prefix } = input;
    const { entries, end } = await listingOf(
      (part) => principals.users(account, part),
      ({ name }) => name,
      under(prefix),
      input,
      paging([prefix ?? ""]),
    );
    return { Users: entries.map(userEntry), ...end };
  },
});
