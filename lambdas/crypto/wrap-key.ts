import type { KeyObject } from "node:crypto";
import { DecryptionError } from "./decryption-error.ts";
import { frame } from "./frame.ts";
import { decrypt, encrypt, IV_BYTES, TAG_BYTES } from "./gcm.ts";
import { freshNonce } from "./random.ts";
import { secretKey } from "./secret-key.ts";

const VERSION = 1;
const IV_AT = 1;
const SEALED_AT = IV_AT + IV_BYTES;
/** The AAD's first part: what is wrapped under a key opens as nothing else. A new layout gets a new one. */
const LABEL = "trent-wrapped-key-1";

/**
 * Encrypts a secret key of any length under a 32-byte one, bound to the context: version || IV || ciphertext || tag.
 *
 * The context says which key this is (account, key id, material id, spec …): parts in an order, all of them needed again to unwrap.
 * A wrapping key may wrap 2^32 keys, since IVs are random (SP 800-38D, 8.3).
 *
 * @throws {RangeError} when a part of the context is not well-formed Unicode.
 */
export function wrapKey(wrapping: KeyObject, key: KeyObject, context: readonly string[]): Buffer {
  return wrapKeyWith(wrapping, key, context, freshNonce(IV_BYTES));
}

/** `wrapKey` with the IV as a value, for vectors. */
export function wrapKeyWith(wrapping: KeyObject, key: KeyObject, context: readonly string[], iv: Uint8Array): Buffer {
  const bytes = key.export();
  try {
    return Buffer.concat([Buffer.of(VERSION), iv, ...encrypt(wrapping, iv, frame([LABEL, ...context]), bytes)]);
  } finally {
    bytes.fill(0);
  }
}

/**
 * The key that was wrapped under this key with this context.
 *
 * @throws {DecryptionError} whatever is wrong: length, version, a byte, the wrapping key or the context.
 * @throws {RangeError} when a part of the context is not well-formed Unicode.
 */
export function unwrapKey(wrapping: KeyObject, wrapped: Uint8Array, context: readonly string[]): KeyObject {
  if (wrapped.length <= SEALED_AT + TAG_BYTES || wrapped[0] !== VERSION) throw new DecryptionError();
  return secretKey(decrypt(wrapping, wrapped.subarray(IV_AT, SEALED_AT), frame([LABEL, ...context]), wrapped.subarray(SEALED_AT)));
}
