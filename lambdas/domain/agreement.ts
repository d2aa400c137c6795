/**
 * Secrets that two sides come to share: by ECDH, and by a key encapsulation mechanism.
 * @see AWS KMS API Reference, DeriveSharedSecret and Decapsulate
 */
import { agree, type BackingKey, DecryptionError, decapsulate } from "@trent/crypto";
import { Fault } from "./fault.ts";

/** @throws {Fault} ValidationException, without text, for a public key that is none of the same curve. */
export function agreedSecret(ours: BackingKey["key"], theirs: Uint8Array): Uint8Array {
  try {
    return agree(ours, theirs);
  } catch {
    throw new Fault("ValidationException");
  }
}

/** @throws {Fault} InvalidCiphertextException for a blob of another length than the key's. */
export function decapsulated(privateKey: BackingKey["key"], blob: Uint8Array): Uint8Array {
  try {
    return decapsulate(privateKey, blob);
  } catch (cause) {
    if (cause instanceof DecryptionError) throw new Fault("InvalidCiphertextException");
    throw cause;
  }
}
