import type { Alias } from "#domain/alias";
import { aliasArn, keyArn, namesAlias, parseKeyReference } from "#domain/arn";
import { Fault } from "#domain/fault";
import { stateOf } from "#domain/key";
import { pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { predefinedAlias } from "#domain/service-principal";
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
  uses: { keys: "read", aliases: "read", principals: "read" },
  input: structure({ KeyId: keyId, Limit: limit, Marker: marker }),
  output: structure({ Aliases: required(list(alias)), ...pageOf }),
  errors: ["DependencyTimeoutException", "InvalidMarkerException", "KMSInternalException", "InvalidArnException", "NotFoundException"],
  async handle({ input, caller: { account }, region, stores, now, paging }) {
    const markers = paging([input.KeyId ?? ""]);
    const page = { after: markers.after(input.Marker), limit: pageSize(input.Limit, 50, 100) };
    const { aliases, next } = input.KeyId === undefined ? await all() : await stores.aliases.listOf(await target(input.KeyId), page);
    return {
      Aliases: aliases.map((alias) => ({
        AliasName: alias.name,
        AliasArn: aliasArn(region, account, alias.name),
        ...("targetKeyId" in alias && {
          TargetKeyId: alias.targetKeyId,
          CreationDate: alias.created,
          LastUpdatedDate: alias.updated,
        }),
      })),
      Truncated: next !== undefined,
      NextMarker: next === undefined ? undefined : markers.next(next),
    };

    /** Those too that are predefined for services and have no key yet. */
    async function all(): Promise<{ readonly aliases: readonly (Alias | Pick<Alias, "name">)[]; readonly next?: string | undefined }> {
      const { aliases: stored, next: more } = await stores.aliases.list(account, page);
      const services = await stores.principals.services();
      const predefined = services.flatMap(({ principal }) => predefinedAlias(principal) ?? []).filter(isInPage);
      const unused = predefined.filter((name) => !stored.some((alias) => alias.name === name));
      const both = [...stored, ...unused.map((name) => ({ name }))].sort((one, other) => (one.name < other.name ? -1 : 1));
      const aliases = both.slice(0, page.limit);
      return { aliases, next: both.length > page.limit || more !== undefined ? aliases.at(-1)?.name : undefined };

      function isInPage(name: string): boolean {
        return (page.after === undefined || name > page.after) && (more === undefined || name < more);
      }
    }

    async function target(named: string): Promise<string> {
      if (namesAlias(named)) throw new Fault("InvalidArnException", "Key Aliases are not supported for this operation.");
      const { account: owner, keyId = "" } = parseKeyReference(named, region, account);
      const key = await stores.keys.get(keyId);
      if (owner === account && key?.account === account && stateOf(key, now) !== undefined) return keyId;
      throw new Fault("NotFoundException", `Key '${keyArn(region, owner, keyId)}' does not exist`);
    }
  },
});
