/** The keys and formats of Trent. See README.md for every byte of them. */
export { type BackingKey, materialId } from "./backing-key.ts";
export { DecryptionError } from "./decryption-error.ts";
export { deriveKey } from "./derive-key.ts";
export { digest } from "./digest.ts";
export { ContextError, canonicalContext } from "./encryption-context.ts";
export { equal } from "./equal.ts";
export { type Header, headerOf } from "./header.ts";
export { fingerprint, mac, verifyMac } from "./mac.ts";
export { randomBytes } from "./random.ts";
export { open, type SealOptions, seal } from "./seal.ts";
export { generateKey, secretKey } from "./secret-key.ts";
export { unwrapKey, wrapKey } from "./wrap-key.ts";
