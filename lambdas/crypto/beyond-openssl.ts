/**
 * What node:crypto cannot do: Ed25519ph, and ML-DSA over an external µ, which it takes for a message without a word. In JavaScript, by noble,
 * on the caller's thread, and slow: Ed25519ph takes 2 to 3 ms, signing by ML-DSA 9 to 15 and verifying 2 to 5.
 */
import type { KeyObject } from "node:crypto";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { randomBytes } from "./random.ts";
import { publicBytes, withPrivateBytes } from "./raw-key.ts";

export const signEd25519ph = (key: KeyObject, message: Uint8Array): Buffer =>
  withPrivateBytes(key, (seed) => Buffer.from(ed25519ph.sign(message, seed)));

/** By the strict rules of RFC 8032 and FIPS 186-5, as OpenSSL; not by the lenient ones of ZIP 215. */
export const verifyEd25519ph = (key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean =>
  ed25519ph.verify(signature, message, publicBytes(key, 32), { zip215: false });

const ML_DSA = { "ml-dsa-44": ml_dsa44, "ml-dsa-65": ml_dsa65, "ml-dsa-87": ml_dsa87 } as const;

const mlDsaOf = ({ asymmetricKeyType }: KeyObject) => ML_DSA[asymmetricKeyType as keyof typeof ML_DSA];

/** @param mu 64 bytes: SHAKE256(SHAKE256(public key, 64) ‖ 0 ‖ 0 ‖ message, 64). */
export function signExternalMu(key: KeyObject, mu: Uint8Array): Buffer {
  const scheme = mlDsaOf(key);
  const { secretKey } = withPrivateBytes(key, (seed) => scheme.keygen(seed));
  try {
    return Buffer.from(scheme.internal.sign(mu, secretKey, { externalMu: true, extraEntropy: randomBytes(32) }));
  } finally {
    secretKey.fill(0);
  }
}

export function verifyExternalMu(key: KeyObject, mu: Uint8Array, signature: Uint8Array): boolean {
  const scheme = mlDsaOf(key);
  return scheme.internal.verify(signature, mu, publicBytes(key, scheme.lengths.publicKey ?? 0), { externalMu: true });
}
