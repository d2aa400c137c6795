import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { DecryptionError } from "./decryption-error.ts";

const ALGORITHM = "aes-256-gcm";

/** SP 800-38D, 8.2: 96 bits, the length that needs no hashing of the IV. */
export const IV_BYTES = 12;
/** SP 800-38D, 5.2.1.2: 128 bits, never shortened. */
export const TAG_BYTES = 16;

const OPTIONS = { authTagLength: TAG_BYTES } as const;

/** AES-256-GCM: ciphertext and tag. The caller sees to it that a key never meets an IV twice (SP 800-38D, 8). */
export function encrypt(key: KeyObject, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): [ciphertext: Buffer, tag: Buffer] {
  const cipher = createCipheriv(ALGORITHM, key, iv, OPTIONS);
  cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final(); // Empty: GCM has no padding.
  return [ciphertext, cipher.getAuthTag()];
}

/**
 * Opens ciphertext || tag, at least a tag long. The plaintext is in memory of its own.
 *
 * @throws {DecryptionError} when the tag does not fit; what was decrypted until then is zeroed.
 */
export function decrypt(key: KeyObject, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, iv, OPTIONS);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw new DecryptionError();
  }
  return plaintext;
}
