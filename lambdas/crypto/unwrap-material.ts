import type { KeyObject } from "node:crypto";
import type { RsaEncryptionAlgorithm, WrappingAlgorithm } from "./algorithms.ts";
import { DecryptionError } from "./decryption-error.ts";
import { decryptOaep } from "./oaep.ts";
import { secretKey } from "./secret-key.ts";
import { unwrapPadded } from "./unwrap-padded.ts";

/** The AES key between the RSA key and the material, of which AWS asks for 256 bits. */
const AES_BYTES = 32;

/**
 * The bytes that somebody wrapped under the public half of an RSA key to bring them here, in memory of their own.
 *
 * RSAES_OAEP_*: the OAEP block alone. RSA_AES_KEY_WRAP_*: the OAEP block of an AES-256 key, as long as the modulus, and the material under that
 * key by AES Key Wrap with Padding.
 *
 * @throws {DecryptionError} whatever cannot be opened, and nothing else.
 * @see PKCS #11 3.0, 2.1.22 (CKM_RSA_AES_KEY_WRAP)
 */
export async function unwrapMaterial(key: KeyObject, algorithm: WrappingAlgorithm, wrapped: Uint8Array): Promise<Buffer> {
  if (!algorithm.startsWith("RSA_AES_KEY_WRAP_")) return decryptOaep(key, algorithm as RsaEncryptionAlgorithm, wrapped);
  const blockBytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const oaep = algorithm.replace("RSA_AES_KEY_WRAP", "RSAES_OAEP") as RsaEncryptionAlgorithm;
  const between = await decryptOaep(key, oaep, wrapped.subarray(0, blockBytes));
  if (between.length !== AES_BYTES) {
    between.fill(0);
    throw new DecryptionError();
  }
  return unwrapPadded(secretKey(between), wrapped.subarray(blockBytes));
}
