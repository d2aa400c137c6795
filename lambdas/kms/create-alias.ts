import { requireAliasRoom } from "#domain/alias";
import { aliasArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { stateOf } from "#domain/key";
import { own } from "#domain/quota";
import { notPendingDeletion } from "#domain/states";
import { operation } from "#operation";
import { aliasName, targetKeyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Gives a key a friendly name. */
export const createAlias = operation({
  name: "CreateAlias",
  quota: own,
  on: { key: { id: ({ TargetKeyId }) => TargetKeyId, permission: "kms:CreateAlias", states: notPendingDeletion } },
  alias: ({ AliasName }) => AliasName,
  uses: { aliases: "write", keys: "read" },
  input: structure({ AliasName: required(aliasName), TargetKeyId: required(targetKeyId) }),
  errors: [
    "DependencyTimeoutException",
    "AlreadyExistsException",
    "NotFoundException",
    "InvalidAliasNameException",
    "KMSInternalException",
    "LimitExceededException",
    "KMSInvalidStateException",
  ],
  async handle({ input: { AliasName: name }, keys: { key }, stores, now, quotas }) {
    const { account, region } = key;
    const taken = await stores.aliases.get(account, name);
    const target = taken && (await stores.keys.get(taken.targetKeyId));
    if (target && stateOf(target, now) !== undefined) {
      throw new Fault("AlreadyExistsException", `An alias with the name ${aliasArn(region, account, name)} already exists`);
    }
    await requireAliasRoom(key, stores.aliases, quotas.resource("AliasesPerKey"));
    const alias = { account, name, targetKeyId: key.id, created: now, updated: now, version: 0 };
    // An alias goes with its key: one that outlived it is only not swept yet.
    await (taken ? stores.aliases.replace(taken, alias) : stores.aliases.create(alias));
  },
});
