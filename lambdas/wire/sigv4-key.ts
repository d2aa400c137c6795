import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Scope } from "./sigv4-claim.ts";

const PREFIX = Buffer.from("AWS4");

/** One step of the derivation; wipes the key it was given. */
function derived(key: Buffer, data: string): Buffer {
  const next = createHmac("sha256", key).update(data).digest();
  key.fill(0);
  return next;
}

/**
 * The key that signs all requests of a scope, from the secret access key as bytes (never a JavaScript string: a string cannot be wiped).
 *
 * Wipes every copy it made; the secret stays the caller's to wipe.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signingKey(secret: Uint8Array, { date, region, service }: Scope): KeyObject {
  // Everybody could sign with an empty secret.
  if (secret.length === 0) throw new Error("A secret access key is empty.");
  const key = [date, region, service, "aws4_request"].reduce(derived, Buffer.concat([PREFIX, secret]));
  const object = createSecretKey(key);
  key.fill(0);
  return object;
}

/** Signing keys that were derived before. */
export interface SigningKeyCache {
  /** @param version names the secret: a key derived from another secret of the same access key is never found. */
  get(scope: Scope, version: string): KeyObject | undefined;
  /** Call it once the signature is proven, so that only holders of a secret take up room. */
  set(scope: Scope, version: string, key: KeyObject): void;
}

/**
 * A cache of at most `limit` signing keys that drops those not used for longest, roughly: it keeps two generations, and what the older one
 * holds when the younger is full is dropped.
 */
export function signingKeyCache(limit: number): SigningKeyCache {
  const room = Math.max(1, Math.floor(limit / 2));
  let young = new Map<string, KeyObject>();
  let old = new Map<string, KeyObject>();

  // The parts of a scope hold no slash, so that no two names are alike.
  const nameOf = (scope: Scope, version: string) => `${scope.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/${version}`;

  function keep(name: string, key: KeyObject): void {
    if (young.size >= room && !young.has(name)) {
      old = young;
      young = new Map();
    }
    young.set(name, key);
  }

  return {
    get(scope, version) {
      const name = nameOf(scope, version);
      const recent = young.get(name);
      if (recent !== undefined) return recent;
      const key = old.get(name);
      if (key !== undefined) keep(name, key);
      return key;
    },
    set: (scope, version, key) => keep(nameOf(scope, version), key),
  };
}
