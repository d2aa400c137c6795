/**
 * What node:crypto cannot do: ECDSA over a digest (it always hashes), Ed25519ph, and ML-DSA over an external µ, which it takes for a message
 * without a word. In JavaScript, by noble, on the caller's thread, and slow: signing by ECDSA takes 2 to 5 ms and verifying 5 to 18, by ML-DSA
 * 9 to 15 and 2 to 5.
 */
import type { KeyObject } from "node:crypto";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { randomBytes } from "./random.ts";
import { publicBytes, withPrivateBytes } from "./raw-key.ts";

/** By OpenSSL's names; with the bytes of a coordinate. */
const CURVES = {
  prime256v1: { curve: p256, coordinate: 32 },
  secp384r1: { curve: p384, coordinate: 48 },
  secp521r1: { curve: p521, coordinate: 66 },
  secp256k1: { curve: secp256k1, coordinate: 32 },
} as const;

const ECDSA = { prehash: false, format: "der", lowS: false } as const;

const curveOf = ({ asymmetricKeyDetails }: KeyObject) => CURVES[asymmetricKeyDetails?.namedCurve as keyof typeof CURVES];

export function signEcdsaDigest(key: KeyObject, digest: Uint8Array): Buffer {
  const { curve } = curveOf(key);
  return withPrivateBytes(key, (scalar) => Buffer.from(curve.sign(digest, scalar, { ...ECDSA, extraEntropy: true })));
}

export function verifyEcdsaDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { curve, coordinate } = curveOf(key);
  return curve.verify(signature, digest, publicBytes(key, 1 + 2 * coordinate), ECDSA);
}

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
