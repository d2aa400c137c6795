/**
 * Encryption under KMS keys of either kind: what Encrypt, Decrypt and ReEncrypt share.
 * @see AWS KMS API Reference, Encrypt: "EncryptionAlgorithm"
 */
import { DecryptionError, decryptOaep, encryptOaep, maxPlaintext } from "@trent/crypto";
import { Fault } from "./fault.ts";
import { type Key, requireAlgorithm } from "./key.ts";
import type { KeySpec } from "./key-spec.ts";
import { type MaterialOf, publicHalfOf } from "./material.ts";
import { decryptUnder, encryptUnder, requireMaterialId } from "./symmetric.ts";

type RsaSpec = Extract<KeySpec, `RSA_${string}`>;

/** How something is or was encrypted. */
interface Cipher {
  readonly key: Key;
  readonly algorithm: string;
  readonly context: ReadonlyMap<string, string>;
}

/** The id of the material is told of symmetric keys alone. */
interface Result {
  readonly bytes: Uint8Array;
  readonly materialId?: string | undefined;
}

/** @throws {Fault} InvalidKeyUsageException for an algorithm that the key has not; ValidationException for what is too long for it. */
export async function encryptBy({ key, algorithm, context }: Cipher, plaintext: Uint8Array, material: MaterialOf): Promise<Result> {
  requireAlgorithm(key, algorithm);
  if (algorithm !== "RSAES_OAEP_SHA_1" && algorithm !== "RSAES_OAEP_SHA_256") {
    const secret = await material(key);
    return { bytes: encryptUnder(key, secret, plaintext, context), materialId: secret.id };
  }
  requireNoContext(context);
  const most = maxPlaintext(key.spec as RsaSpec, algorithm);
  if (plaintext.length > most) {
    throw new Fault(
      "ValidationException",
      `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${most} bytes.`,
    );
  }
  return { bytes: await encryptOaep(publicHalfOf(key), algorithm, plaintext) };
}

/** @throws {Fault} InvalidKeyUsageException for an algorithm that the key has not; IncorrectKeyException; InvalidCiphertextException */
export async function decryptBy({ key, algorithm, context }: Cipher, blob: Uint8Array, material: MaterialOf): Promise<Result> {
  requireAlgorithm(key, algorithm);
  if (algorithm !== "RSAES_OAEP_SHA_1" && algorithm !== "RSAES_OAEP_SHA_256") {
    const secret = await material(key, requireMaterialId(blob, key));
    return { bytes: decryptUnder(secret, blob, context), materialId: secret?.id };
  }
  requireNoContext(context);
  const { key: privateKey } = await material(key);
  try {
    return { bytes: await decryptOaep(privateKey, algorithm, blob) };
  } catch (cause) {
    if (cause instanceof DecryptionError) throw new Fault("InvalidCiphertextException");
    throw cause;
  }
}

/** "The standard asymmetric encryption algorithms that AWS KMS uses do not support an encryption context." AWS's text is UNVERIFIED. */
function requireNoContext(context: ReadonlyMap<string, string>): void {
  if (context.size > 0) throw new Fault("ValidationException", "An encryption context is valid for symmetric encryption keys only.");
}
