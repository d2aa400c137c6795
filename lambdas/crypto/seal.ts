import type { KeyObject } from "node:crypto";
import type { BackingKey } from "./backing-key.ts";
import { DecryptionError } from "./decryption-error.ts";
import { deriveKey } from "./derive-key.ts";
import { ContextError, canonicalContext } from "./encryption-context.ts";
import { decrypt, encrypt, IV_BYTES } from "./gcm.ts";
import { HEADER_BYTES, headerBytes, headerOf, MOST_PLAINTEXT_BYTES, NAME_BYTES, NONCE_BYTES } from "./header.ts";
import { freshNonce } from "./random.ts";
import { secretKey } from "./secret-key.ts";

const KEY_BYTES = 32;
const LABEL = Buffer.from("trent-message");

export interface SealOptions {
  /** The id of the KMS key: a UUID, or "mrk-" and 32 hex digits; lower-case. */
  readonly key: string;
  /** The encryption context: authenticated, not stored. */
  readonly context: ReadonlyMap<string, string>;
}

/**
 * Encrypts 1 to 4,096 bytes under a backing key: the ciphertext blob, 83 bytes longer.
 *
 * Every message has an AES-256 key and an IV of its own. Key id, material and context are bound; account and Region are not, because the
 * Regions of a multi-Region key open each other's blobs.
 *
 * @throws {ContextError} when the context has no canonical form.
 * @throws {RangeError} for a plaintext or an id that a caller must have refused before.
 */
export function seal(secret: BackingKey, plaintext: Uint8Array, options: SealOptions): Buffer {
  return sealWith(secret, plaintext, options, freshNonce(NONCE_BYTES));
}

/** `seal` with the nonce as a value, for vectors. A nonce is used for one message only. */
export function sealWith(secret: BackingKey, plaintext: Uint8Array, options: SealOptions, nonce: Uint8Array): Buffer {
  if (plaintext.length < 1 || plaintext.length > MOST_PLAINTEXT_BYTES) throw new RangeError("A plaintext has 1 to 4096 bytes.");
  const header = headerBytes({ key: options.key, material: secret.id }, nonce);
  const aad = Buffer.concat([header, canonicalContext(options.context)]);
  const { key, iv } = messageKey(secret, header);
  return Buffer.concat([header, ...encrypt(key, iv, aad, plaintext)]);
}

/**
 * The plaintext of a blob, in memory of its own. Says that this secret sealed it, for the key that the header names, with this context.
 *
 * @throws {DecryptionError} whatever is wrong: not a blob, another material, a changed byte, another context or one without canonical form.
 */
export function open(secret: BackingKey, blob: Uint8Array, context: ReadonlyMap<string, string>): Buffer {
  if (headerOf(blob)?.material !== secret.id) throw new DecryptionError();
  const header = blob.subarray(0, HEADER_BYTES);
  const aad = Buffer.concat([header, contextOfBlob(context)]);
  const { key, iv } = messageKey(secret, header);
  return decrypt(key, iv, aad, blob.subarray(HEADER_BYTES));
}

/** A context that could not have been sealed is, to a blob, just another context. */
function contextOfBlob(context: ReadonlyMap<string, string>): Buffer {
  try {
    return canonicalContext(context);
  } catch (error) {
    throw error instanceof ContextError ? new DecryptionError() : error;
  }
}

/** The key and IV of one message. The label is of fixed length: it binds format, key id and material id; the KDF's context is the nonce. */
function messageKey(secret: BackingKey, header: Uint8Array): { readonly key: KeyObject; readonly iv: Uint8Array } {
  const label = Buffer.concat([LABEL, header.subarray(0, NAME_BYTES)]);
  const derived = deriveKey(secret.key, label, header.subarray(NAME_BYTES), KEY_BYTES + IV_BYTES);
  return { key: secretKey(derived.subarray(0, KEY_BYTES)), iv: derived.subarray(KEY_BYTES) };
}
