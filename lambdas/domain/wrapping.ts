/**
 * How material may be wrapped that somebody brings, and what it has to be once it is unwrapped.
 * @see AWS KMS Developer Guide, "Importing key material": "Supported key material types", "Select a wrapping algorithm"
 */
import { DecryptionError, secretKey, takeKeyPair, UnfitKeyError, unwrapMaterial, type WrappingAlgorithm } from "@trent/crypto";
import { Fault } from "./fault.ts";
import type { Key } from "./key.ts";
import { isAsymmetric, secretLengthOf } from "./key-spec.ts";

export type WrappingSpec = "RSA_2048" | "RSA_3072" | "RSA_4096";

/** Milliseconds for which a wrapping key and its import token are good. */
export const PARAMETERS_MS = 24 * 60 * 60_000;
/** Of material for HMAC keys, whatever their spec. */
const MOST_HMAC_BYTES = 128;

/**
 * Refuses a way of wrapping that AWS does not have, or that this material does not fit in. AWS's texts are UNVERIFIED.
 * @throws {Fault} UnsupportedOperationException
 */
export function requireWrapping(
  { spec }: Key,
  algorithm: WrappingAlgorithm | "RSAES_PKCS1_V1_5",
  wrapping: WrappingSpec,
): asserts algorithm is WrappingAlgorithm {
  // "AWS KMS does not support the RSAES_PKCS1_V1_5 wrapping algorithm" since October 10, 2023.
  if (algorithm === "RSAES_PKCS1_V1_5")
    throw new Fault("UnsupportedOperationException", "WrappingAlgorithm RSAES_PKCS1_V1_5 is no longer supported.");
  const tooLong = spec.startsWith("RSA_") || (spec === "ECC_NIST_P521" && wrapping === "RSA_2048");
  if (tooLong && algorithm.startsWith("RSAES_OAEP")) {
    throw new Fault(
      "UnsupportedOperationException",
      `WrappingAlgorithm ${algorithm} with WrappingKeySpec ${wrapping} is incompatible with key spec ${spec}.`,
    );
  }
}

/** The bytes that were wrapped for a key. @throws {Fault} InvalidCiphertextException, whatever was wrong with them. */
export async function unwrapped(wrapping: Parameters<typeof unwrapMaterial>[0], algorithm: WrappingAlgorithm, bytes: Uint8Array) {
  try {
    return await unwrapMaterial(wrapping, algorithm, bytes);
  } catch (cause) {
    if (cause instanceof DecryptionError) throw new Fault("InvalidCiphertextException");
    throw cause;
  }
}

/**
 * Unwrapped bytes as material for this key, ready to be taken; they hold zeros afterwards, also when this throws.
 * @throws {Fault} IncorrectKeyMaterialException when they are of another length or kind.
 */
export function materialFor({ arn, spec }: Key, bytes: Buffer) {
  try {
    if (isAsymmetric(spec)) {
      const { privateKey, publicKey } = takeKeyPair(bytes, spec);
      return { secret: secretKey(privateKey), publicKey: publicKey.toString("base64") };
    }
    const least = secretLengthOf(spec);
    const most = spec === "SYMMETRIC_DEFAULT" ? least : MOST_HMAC_BYTES;
    if (bytes.length < least || bytes.length > most) throw new UnfitKeyError();
    return { secret: secretKey(bytes) };
  } catch (cause) {
    // AWS's text is UNVERIFIED.
    if (cause instanceof UnfitKeyError)
      throw new Fault("IncorrectKeyMaterialException", `The key material is not valid for key spec ${spec} of the key ${arn}.`);
    throw cause;
  } finally {
    bytes.fill(0);
  }
}
