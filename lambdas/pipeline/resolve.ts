import { requireGrantId, unknownGrant } from "#domain/grant";
import type { AnyOperation, Target } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey, type Step } from "./exchange.ts";
import { openToken } from "./grants.ts";
import { keyNamed } from "./named-key.ts";
import { unknownForeign } from "./unknown-key.ts";

/**
 * From the identifiers in the input to the keys they name: ids, ARNs, alias names, alias ARNs, the key in a ciphertext, that of a grant.
 * @see AWS KMS Developer Guide, "Key identifiers (KeyId)"; texts as AWS answers them.
 */
export function resolve(operation: AnyOperation, deps: Deps): Step {
  return { before: ({ event }) => resolveKeys(operation, event, deps) };
}

export async function resolveKeys(operation: AnyOperation, event: Exchange, deps: Deps): Promise<void> {
  const keys: Record<string, ResolvedKey> = {};
  for (const [name, target] of Object.entries(operation.on ?? {})) keys[name] = await resolveKey(target, event, deps);
  event.keys = keys;
}

async function resolveKey(target: Target<never>, event: Exchange, deps: Deps): Promise<ResolvedKey> {
  const { input, region, store } = known(event, "input", "store");
  if (!target.grant) return keyNamed(target.id(input as never), target, event, deps);
  const { keyId, grantId } = target.grant(input as never, (token) => openToken(token, region, store));
  const resolved = await keyNamed(keyId, target, event, deps);
  const grant = await store.grants.get(resolved.key.id, requireGrantId(grantId));
  if (grant) return { ...resolved, grant };
  throw resolved.foreign ? unknownForeign(known(event, "caller").caller.arn, target.permission) : unknownGrant(grantId);
}
