import { constants, type KeyObject, sign as nodeSign, verify as nodeVerify, type SignKeyObjectInput } from "node:crypto";
import { type EcdsaAlgorithm, hashOf, type MessageType, type RsaSigningAlgorithm, type SigningAlgorithm } from "./algorithms.ts";
import { signRsaDigest, verifyRsaDigest } from "./rsa-digest.ts";

/**
 * Signs. The caller has seen to it that the key, the algorithm and the type of message go together, and that a digest has its length.
 *
 * - RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017; the salt is as long as the hash), ECDSA as DER (RFC 3279), Ed25519 and Ed25519ph (RFC 8032),
 *   ML-DSA without context, hedged (FIPS 204).
 * - ED25519_PH_SHA_512 takes the message's SHA-512 for the message, and hashes it once more, as AWS KMS does.
 *
 * What OpenSSL takes long for runs on another thread.
 */
export async function sign(key: KeyObject, algorithm: SigningAlgorithm, message: Uint8Array, type: MessageType): Promise<Buffer> {
  if (algorithm === "ED25519_PH_SHA_512") return (await beyondOpenssl()).signEd25519ph(key, message);
  if (type === "EXTERNAL_MU") return (await beyondOpenssl()).signExternalMu(key, message);
  if (type === "DIGEST")
    return isRsa(algorithm) ? signRsaDigest(key, algorithm, message) : (await ecdsaDigest()).signEcdsaDigest(key, message);
  const { hash, input } = parametersOf(key, algorithm);
  if (isQuick(key, algorithm)) return nodeSign(hash, message, input);
  return new Promise((resolve, reject) => {
    nodeSign(hash, message, input, (cause, signature) => (cause ? reject(cause) : resolve(signature)));
  });
}

/** Says whether a signature is that of the message. One that is malformed is none. */
export async function verify(
  key: KeyObject,
  algorithm: SigningAlgorithm,
  message: Uint8Array,
  type: MessageType,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    if (algorithm === "ED25519_PH_SHA_512") return (await beyondOpenssl()).verifyEd25519ph(key, message, signature);
    if (type === "EXTERNAL_MU") return (await beyondOpenssl()).verifyExternalMu(key, message, signature);
    if (type === "DIGEST") {
      if (isRsa(algorithm)) return verifyRsaDigest(key, algorithm, message, signature);
      return (await ecdsaDigest()).verifyEcdsaDigest(key, message, signature);
    }
    const { hash, input } = parametersOf(key, algorithm);
    // OpenSSL takes a number for what it is worth: RFC 8017 (8.1.2, 8.2.2) wants its zeros, too.
    if (isRsa(algorithm) && signature.length !== (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) return false;
    if (isQuick(key, algorithm) || isRsa(algorithm)) return nodeVerify(hash, message, input, signature);
    return await new Promise((resolve, reject) => {
      nodeVerify(hash, message, input, signature, (cause, valid) => (cause ? reject(cause) : resolve(valid)));
    });
  } catch {
    return false;
  }
}

/** Signs and verifies, on whichever thread. */
export interface Signer {
  readonly sign: typeof sign;
  readonly verify: typeof verify;
}

/** On the caller's thread, but for what OpenSSL takes elsewhere by itself: where nobody else is served meanwhile. */
export const onThread: Signer = { sign, verify };

/** Loaded when they are first needed: most processes never do, and noble's tables take their time. */
const beyondOpenssl = async () => await import("./beyond-openssl.ts");
const ecdsaDigest = async () => await import("./ecdsa-digest.ts");

/** Whether it holds the caller's thread for a millisecond or more: then better one that nobody waits for. */
export function holdsThread(act: "sign" | "verify", key: KeyObject, algorithm: SigningAlgorithm, type: MessageType): boolean {
  if (algorithm === "ED25519_PH_SHA_512" || type === "EXTERNAL_MU") return true;
  if (type === "RAW") return false;
  if (isRsa(algorithm)) return act === "sign" && (key.asymmetricKeyDetails?.modulusLength ?? 0) > 2048;
  return act === "sign" || !isQuick(key, algorithm);
}

const isRsa = (algorithm: SigningAlgorithm): algorithm is RsaSigningAlgorithm => algorithm.startsWith("RSASSA_");

/** Below a tenth of a millisecond: less than the way to another thread and back. The algorithm is asked first: what a key is takes Node a while. */
const isQuick = (key: KeyObject, algorithm: SigningAlgorithm): boolean =>
  algorithm === "ED25519_SHA_512" || (algorithm === "ECDSA_SHA_256" && key.asymmetricKeyDetails?.namedCurve === "prime256v1");

function parametersOf(key: KeyObject, algorithm: SigningAlgorithm): { readonly hash: string | null; readonly input: SignKeyObjectInput } {
  if (algorithm === "ED25519_SHA_512" || algorithm === "ML_DSA_SHAKE_256") return { hash: null, input: { key } };
  const hash = hashOf(algorithm as RsaSigningAlgorithm | EcdsaAlgorithm);
  if (!algorithm.startsWith("RSASSA_PSS_")) return { hash, input: { key } };
  return { hash, input: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } };
}
