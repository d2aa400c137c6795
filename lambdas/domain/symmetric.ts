/**
 * Encryption under symmetric KMS keys, in KMS's words: what the operations of the Encrypt and GenerateDataKey families share.
 * @see AWS KMS Developer Guide, "Encryption context"; the formats are `@trent/crypto`'s.
 */
import { type BackingKey, ContextError, DecryptionError, headerOf, open, seal } from "@trent/crypto";
import { Fault } from "./fault.ts";
import type { Key } from "./key.ts";

/** @throws {Fault} ValidationException for an encryption context that is too large. */
export function encryptUnder(key: Key, secret: BackingKey, plaintext: Uint8Array, context: ReadonlyMap<string, string>): Uint8Array {
  try {
    return seal(secret, plaintext, { key: key.id, context });
  } catch (cause) {
    throw contextFault(cause);
  }
}

/** @throws {Fault} InvalidCiphertextException, whatever was wrong with blob or context. */
export function decryptUnder(secret: BackingKey | undefined, blob: Uint8Array, context: ReadonlyMap<string, string>): Uint8Array {
  if (!secret) throw new Fault("InvalidCiphertextException");
  try {
    return open(secret, blob, context);
  } catch (cause) {
    if (cause instanceof DecryptionError) throw new Fault("InvalidCiphertextException");
    throw contextFault(cause);
  }
}

/**
 * The key to decrypt with, for `on`: the one that this member names, or the one that the blob says it is encrypted under.
 * @throws {Fault} ValidationException when there is neither.
 */
export function decryptingKey(
  member: "keyId" | "sourceKeyId",
  named: string | undefined,
  algorithm: string,
  blob: Uint8Array | undefined,
): string | { readonly keyInCiphertext: string | undefined } {
  if (named !== undefined) return named;
  // "When the KMS key is asymmetric, the KeyId is required": its ciphertext names no key.
  if (!blob || algorithm !== "SYMMETRIC_DEFAULT") throw missing(member);
  return { keyInCiphertext: headerOf(blob)?.key };
}

/**
 * The id of the material that a blob is encrypted under.
 * @throws {Fault} InvalidCiphertextException when it is no blob of ours; IncorrectKeyException when it is another key's.
 */
export function requireMaterialId(blob: Uint8Array, key: Key): string {
  const header = headerOf(blob);
  if (!header) throw new Fault("InvalidCiphertextException");
  if (header.key !== key.id) throw incorrectKey();
  return header.material;
}

/** @throws {Fault} IncorrectKeyException for a blob that says it is encrypted under another key. */
export function requireNotAnothers(blob: Uint8Array | undefined, key: Key): void {
  const header = blob && headerOf(blob);
  if (header && header.key !== key.id) throw incorrectKey();
}

const incorrectKey = (): Fault =>
  new Fault("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");

/** The blob that the input must have; undefined when a dry run ignores it, there or not. @throws {Fault} ValidationException */
export function requireCiphertext(input: {
  readonly CiphertextBlob?: Uint8Array | undefined;
  readonly DryRun?: boolean | undefined;
  readonly DryRunModifiers?: readonly string[] | undefined;
}): Uint8Array | undefined {
  if (input.DryRun === true && input.DryRunModifiers?.includes("IGNORE_CIPHERTEXT")) return undefined;
  if (!input.CiphertextBlob) throw missing("ciphertextBlob");
  return input.CiphertextBlob;
}

const missing = (member: string): Fault =>
  new Fault(
    "ValidationException",
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );

const LENGTHS = { AES_256: 32, AES_128: 16 } as const;

/** Bytes of a data key, by exactly one of its two descriptions. @throws {Fault} ValidationException */
export function dataKeyLength(spec: keyof typeof LENGTHS | undefined, bytes: number | undefined): number {
  if ((spec === undefined) === (bytes === undefined))
    throw new Fault("ValidationException", "Please specify either number of bytes or key spec.");
  return spec === undefined ? (bytes as number) : LENGTHS[spec];
}

function contextFault(cause: unknown): unknown {
  return cause instanceof ContextError ? new Fault("ValidationException", "The encryption context is larger than 8192 bytes.") : cause;
}
