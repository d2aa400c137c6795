import { type KeyObject, decapsulate as nodeDecapsulate, encapsulate as nodeEncapsulate } from "node:crypto";
import { DecryptionError } from "./decryption-error.ts";

/** ML-KEM.Encaps: a fresh secret of 32 bytes, and what only the private half makes it of again. @see FIPS 203, algorithm 20 */
export function encapsulate(publicKey: KeyObject): { readonly ciphertext: Buffer; readonly sharedSecret: Buffer } {
  const { ciphertext, sharedKey } = nodeEncapsulate(publicKey);
  return { ciphertext, sharedSecret: sharedKey };
}

/**
 * ML-KEM.Decaps: of a ciphertext that was made for another key, or changed, another secret, as FIPS 203 wants it ("implicit rejection").
 *
 * @throws {DecryptionError} when the ciphertext has another length than those of the key.
 */
export function decapsulate(privateKey: KeyObject, ciphertext: Uint8Array): Buffer {
  try {
    return nodeDecapsulate(privateKey, ciphertext);
  } catch {
    throw new DecryptionError();
  }
}
