import { constants, type KeyObject, publicEncrypt, type webcrypto } from "node:crypto";
import { hashLengthOf, hashOf, type RsaEncryptionAlgorithm } from "./algorithms.ts";
import { DecryptionError } from "./decryption-error.ts";

/** The longest plaintext in bytes: k - 2 hLen - 2. @param spec of an RSA key. @see RFC 8017, 7.1.1 */
export const maxPlaintext = (spec: string, algorithm: RsaEncryptionAlgorithm): number =>
  Number(spec.slice("RSA_".length)) / 8 - 2 * hashLengthOf(hashOf(algorithm)) - 2;

/** RSAES-OAEP with one hash for the label and for MGF1, and an empty label. @throws when the plaintext is too long. */
export const encryptOaep = (key: KeyObject, algorithm: RsaEncryptionAlgorithm, plaintext: Uint8Array): Buffer =>
  publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hashOf(algorithm) }, plaintext);

/** Opens it, on another thread. @throws {DecryptionError} of whatever cannot be opened, and nothing else: why is nobody's business. */
export async function decryptOaep(key: KeyObject, algorithm: RsaEncryptionAlgorithm, ciphertext: Uint8Array): Promise<Buffer> {
  if (ciphertext.length !== (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) throw new DecryptionError();
  try {
    return Buffer.from(await crypto.subtle.decrypt({ name: "RSA-OAEP" }, webKeyOf(key, algorithm), ciphertext as Uint8Array<ArrayBuffer>));
  } catch {
    throw new DecryptionError();
  }
}

/** The same key as Web Crypto takes it, which alone decrypts on another thread; bound to its hash. Kept as long as the key is. */
const webKeys = new WeakMap<KeyObject, Map<RsaEncryptionAlgorithm, webcrypto.CryptoKey>>();

function webKeyOf(key: KeyObject, algorithm: RsaEncryptionAlgorithm): webcrypto.CryptoKey {
  const byAlgorithm = webKeys.get(key) ?? new Map<RsaEncryptionAlgorithm, webcrypto.CryptoKey>();
  webKeys.set(key, byAlgorithm);
  const known = byAlgorithm.get(algorithm);
  if (known) return known;
  const hash = hashOf(algorithm) === "sha1" ? "SHA-1" : "SHA-256";
  const made = key.toCryptoKey({ name: "RSA-OAEP", hash }, false, ["decrypt"]);
  byAlgorithm.set(algorithm, made);
  return made;
}
