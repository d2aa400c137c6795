import { aliasArn, keyArn, namesAlias, parseKeyReference } from "#domain/arn";
import { Fault } from "#domain/fault";
import { type Key, stateOf } from "#domain/key";
import type { FromCiphertext, Target } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey } from "./exchange.ts";
import { predefinedKey } from "./first-use.ts";
import { announcedKey, relatedKey } from "./related-key.ts";
import { unknownCiphertext, unknownForeign } from "./unknown-key.ts";

/** The key that an identifier means to this caller. @throws {Fault} where there is none, without telling a stranger whether there is. */
export async function keyNamed(named: string | FromCiphertext, target: Target<never>, event: Exchange, deps: Deps): Promise<ResolvedKey> {
  const { caller, region, store, startedAt } = known(event, "caller", "store");
  const place = target.region?.(event.input as never) ?? region;
  if (typeof named !== "string") {
    if (named.keyInCiphertext === undefined) throw new Fault("InvalidCiphertextException");
    const key = await keyOf(named.keyInCiphertext);
    if (!key) throw unknownCiphertext(caller.arn, target.permission);
    return { key, foreign: key.account !== caller.account, hidden: true };
  }
  if (!target.aliases && namesAlias(named)) throw new Fault("InvalidArnException", "Key Aliases are not supported for this operation.");
  const { account, keyId, alias } = parseKeyReference(named, region, caller.account);
  const foreign = account !== caller.account;
  // A service is in no account: what it may do is for each key's policy to say.
  if (foreign && !target.acrossAccounts && caller.kind !== "service") throw unknownForeign(caller.arn, target.permission);
  const key = keyId === undefined ? await keyOfAlias() : await keyOf(keyId);
  if (key?.account === account) return { key, foreign, hidden: false };
  if (foreign) throw unknownForeign(caller.arn, target.permission);
  const predefined = target.predefined && alias !== undefined ? await predefinedKey(alias, event, deps) : undefined;
  if (predefined && alias !== undefined) return { key: predefined, foreign, hidden: false, predefined: alias };
  if (keyId === undefined) throw new Fault("NotFoundException", `Alias ${aliasArn(region, account, alias ?? "")} is not found.`);
  throw new Fault("NotFoundException", `Key '${keyArn(place, account, keyId)}' does not exist`);

  async function keyOfAlias(): Promise<Key | undefined> {
    const found = await store.aliases.get(account, alias ?? "");
    return found && keyOf(found.targetKeyId);
  }

  /** A key whose waiting period is over exists no more, swept or not. */
  async function keyOf(id: string): Promise<Key | undefined> {
    const own = place === region;
    const found = own ? ((await store.keys.get(id)) ?? (await announcedKey(id, region, store))) : await relatedKey(id, place, store);
    return found && stateOf(found, startedAt) !== undefined ? found : undefined;
  }
}
