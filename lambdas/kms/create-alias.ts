import { requireAliasRoom } from "#domain/alias";
import { aliasArn } from "#domain/arn";
import { Fault } from "#domain/fault";
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
  uses: { aliases: "write" },
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
  async handle({ input: { AliasName: name }, keys: { key }, stores, now }) {
    const { account, region } = key;
    if (await stores.aliases.get(account, name)) {
      throw new Fault("AlreadyExistsException", `An alias with the name ${aliasArn(region, account, name)} already exists`);
    }
    await requireAliasRoom(key, stores.aliases);
    await stores.aliases.create({ account, name, targetKeyId: key.id, created: now, updated: now, version: 0 });
  },
});
