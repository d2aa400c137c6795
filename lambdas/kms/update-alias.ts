import { requireAlias, requireAliasRoom, requireAlike } from "#domain/alias";
import { own } from "#domain/quota";
import { anyState, notPendingDeletion } from "#domain/states";
import { operation } from "#operation";
import { aliasName, targetKeyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Points an alias to another key of the same kind. */
export const updateAlias = operation({
  name: "UpdateAlias",
  quota: own,
  on: {
    current: { id: ({ AliasName }) => AliasName, permission: "kms:UpdateAlias", states: anyState, aliases: true },
    key: { id: ({ TargetKeyId }) => TargetKeyId, permission: "kms:UpdateAlias", states: notPendingDeletion },
  },
  alias: ({ AliasName }) => AliasName,
  uses: { aliases: "write" },
  input: structure({ AliasName: required(aliasName), TargetKeyId: required(targetKeyId) }),
  errors: ["DependencyTimeoutException", "NotFoundException", "KMSInternalException", "LimitExceededException", "KMSInvalidStateException"],
  async handle({ input: { AliasName: name }, keys: { current, key }, stores, now, quotas }) {
    requireAlike(current, key);
    const alias = requireAlias(await stores.aliases.get(key.account, name), current, name);
    if (current.id !== key.id) await requireAliasRoom(key, stores.aliases, quotas.resource("AliasesPerKey"));
    await stores.aliases.replace(alias, { ...alias, targetKeyId: key.id, updated: now });
  },
});
