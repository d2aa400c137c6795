import { aliasArn, keyArn, namesAlias, parseKeyReference } from "#domain/arn";
import { Fault } from "#domain/fault";
import { requireGrantId, unknownGrant } from "#domain/grant";
import { type Key, stateOf } from "#domain/key";
import type { AnyOperation, FromCiphertext, Target } from "#operation";
import { type Exchange, known, type ResolvedKey, type Step } from "./exchange.ts";
import { openToken } from "./grants.ts";
import { unknownCiphertext, unknownForeign } from "./unknown-key.ts";

/**
 * From the identifiers in the input to the keys they name: ids, ARNs, alias names, alias ARNs, the key in a ciphertext, that of a grant.
 * @see AWS KMS Developer Guide, "Key identifiers (KeyId)"; texts as AWS answers them.
 */
export function resolve(operation: AnyOperation): Step {
  return { before: ({ event }) => resolveKeys(operation, event) };
}

export async function resolveKeys(operation: AnyOperation, event: Exchange): Promise<void> {
  const keys: Record<string, ResolvedKey> = {};
  for (const [name, target] of Object.entries(operation.on ?? {})) keys[name] = await resolveKey(target, event);
  event.keys = keys;
}

async function resolveKey(target: Target<never>, event: Exchange): Promise<ResolvedKey> {
  const { input, region, store } = known(event, "input", "store");
  if (!target.grant) return keyNamed(target.id(input as never), target, event);
  const { keyId, grantId } = target.grant(input as never, (token) => openToken(token, region, store));
  const resolved = await keyNamed(keyId, target, event);
  const grant = await store.grants.get(resolved.key.id, requireGrantId(grantId));
  if (grant) return { ...resolved, grant };
  throw resolved.foreign ? unknownForeign(known(event, "caller").caller.arn, target.permission) : unknownGrant(grantId);
}

async function keyNamed(named: string | FromCiphertext, target: Target<never>, event: Exchange): Promise<ResolvedKey> {
  const { caller, region, store, startedAt } = known(event, "caller", "store");
  if (typeof named !== "string") {
    if (named.keyInCiphertext === undefined) throw new Fault("InvalidCiphertextException");
    const key = await keyOf(named.keyInCiphertext);
    if (!key) throw unknownCiphertext(caller.arn, target.permission);
    return { key, foreign: key.account !== caller.account, hidden: true };
  }
  if (!target.aliases && namesAlias(named)) throw new Fault("InvalidArnException", "Key Aliases are not supported for this operation.");
  const { account, keyId, alias } = parseKeyReference(named, region, caller.account);
  const foreign = account !== caller.account;
  if (foreign && !target.acrossAccounts) throw unknownForeign(caller.arn, target.permission);
  const key = keyId === undefined ? await keyOfAlias() : await keyOf(keyId);
  if (key?.account === account) return { key, foreign, hidden: false };
  if (foreign) throw unknownForeign(caller.arn, target.permission);
  if (keyId === undefined) throw new Fault("NotFoundException", `Alias ${aliasArn(region, account, alias ?? "")} is not found.`);
  throw new Fault("NotFoundException", `Key '${keyArn(region, account, keyId)}' does not exist`);

  async function keyOfAlias(): Promise<Key | undefined> {
    const found = await store.aliases.get(account, alias ?? "");
    return found && keyOf(found.targetKeyId);
  }

  /** A key whose waiting period is over exists no more, swept or not. */
  async function keyOf(id: string): Promise<Key | undefined> {
    const found = await store.keys.get(id);
    return found && stateOf(found, startedAt) !== undefined ? found : undefined;
  }
}
