import { aliasArn, keyArn, namesAlias, parseKeyReference } from "#domain/arn";
import { Fault } from "#domain/fault";
import { stateOf } from "#domain/key";
import { pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { keyArn as arn, keyId, limit, marker, pageOf, targetKeyId } from "#wire/members";
import { list, required, string, structure, timestamp } from "#wire/shape";

const alias = structure({
  AliasName: string(),
  AliasArn: arn,
  TargetKeyId: targetKeyId,
  CreationDate: timestamp,
  LastUpdatedDate: timestamp,
});

/** Lists the aliases of the account in the Region, or of one key. */
export const listAliases = operation({
  name: "ListAliases",
  quota: own,
  permission: "kms:ListAliases",
  uses: { keys: "read", aliases: "read" },
  input: structure({ KeyId: keyId, Limit: limit, Marker: marker }),
  output: structure({ Aliases: required(list(alias)), ...pageOf }),
  errors: ["DependencyTimeoutException", "InvalidMarkerException", "KMSInternalException", "InvalidArnException", "NotFoundException"],
  async handle({ input, caller: { account }, region, stores, now, paging }) {
    const markers = paging([input.KeyId ?? ""]);
    const page = { after: markers.after(input.Marker), limit: pageSize(input.Limit, 50, 100) };
    const { aliases, next } =
      input.KeyId === undefined ? await stores.aliases.list(account, page) : await stores.aliases.listOf(await target(input.KeyId), page);
    return {
      Aliases: aliases.map(({ name, targetKeyId, created, updated }) => ({
        AliasName: name,
        AliasArn: aliasArn(region, account, name),
        TargetKeyId: targetKeyId,
        CreationDate: created,
        LastUpdatedDate: updated,
      })),
      Truncated: next !== undefined,
      NextMarker: next === undefined ? undefined : markers.next(next),
    };

    async function target(named: string): Promise<string> {
      if (namesAlias(named)) throw new Fault("InvalidArnException", "Key Aliases are not supported for this operation.");
      const { account: owner, keyId = "" } = parseKeyReference(named, region, account);
      const key = await stores.keys.get(keyId);
      if (owner === account && key?.account === account && stateOf(key, now) !== undefined) return keyId;
      throw new Fault("NotFoundException", `Key '${keyArn(region, owner, keyId)}' does not exist`);
    }
  },
});
