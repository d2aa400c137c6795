/** The keys and formats of Trent. See README.md for every byte of them. */
export { agree } from "./agree.ts";
export {
  type AsymmetricSpec,
  digestLengthOf,
  type MacAlgorithm,
  type MessageType,
  type RsaEncryptionAlgorithm,
  type SigningAlgorithm,
  type WrappingAlgorithm,
} from "./algorithms.ts";
export { type BackingKey, materialId } from "./backing-key.ts";
export { DecryptionError } from "./decryption-error.ts";
export { deriveKey } from "./derive-key.ts";
export { digest } from "./digest.ts";
export { decapsulate, encapsulate } from "./encapsulate.ts";
export { ContextError, canonicalContext } from "./encryption-context.ts";
export { equal } from "./equal.ts";
export { type Header, headerOf } from "./header.ts";
export { macOf, sameMac } from "./hmac.ts";
export { generateKeyPair, type KeyPair, privateKeyOf, publicKeyOf } from "./key-pair.ts";
export { fingerprint, mac, verifyMac } from "./mac.ts";
export { decryptOaep, encryptOaep, maxPlaintext } from "./oaep.ts";
export { passphraseKey, type ScryptCost } from "./passphrase.ts";
export { randomBytes } from "./random.ts";
export { open, type SealOptions, seal } from "./seal.ts";
export { generateKey, secretKey } from "./secret-key.ts";
export { holdsThread, onThread, type Signer, sign, verify } from "./sign.ts";
export { takeKeyPair, UnfitKeyError } from "./take-key-pair.ts";
export { QueueFullError } from "./turns.ts";
export { unwrapMaterial } from "./unwrap-material.ts";
export { unwrapKey, wrapKey } from "./wrap-key.ts";
