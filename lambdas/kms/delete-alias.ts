import { requireAlias } from "#domain/alias";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { aliasName } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Removes an alias; its key does not change. */
export const deleteAlias = operation({
  name: "DeleteAlias",
  quota: own,
  on: { key: { id: ({ AliasName }) => AliasName, permission: "kms:DeleteAlias", states: anyState, aliases: true } },
  alias: ({ AliasName }) => AliasName,
  uses: { aliases: "write" },
  input: structure({ AliasName: required(aliasName) }),
  errors: ["DependencyTimeoutException", "NotFoundException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ input: { AliasName: name }, keys: { key }, stores }) {
    await stores.aliases.remove(requireAlias(await stores.aliases.get(key.account, name), key, name));
  },
});
