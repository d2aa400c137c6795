/**
 * ECDSA over a digest: node:crypto hashes whatever it is given.
 *
 * noble signs, in 1 to 5 ms. To verify it would take 3 (secp256k1) to 20 ms (P-521), so OpenSSL does that, over a message of ours whose hash is `h`,
 * under a public key that makes up for it: with t = (z - h)/r modulo the order, h·G + r·(Q + t·G) = z·G + r·Q, so `(r, s)` is the signature
 * of the digest `z` by the key Q exactly when it is that of our message by the key Q + t·G. Nothing of it is secret.
 * @see FIPS 186-5, 6.4
 */
import { createECDH, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { publicBytes, withPrivateBytes } from "./raw-key.ts";

/** By OpenSSL's names; with the bytes of a coordinate. */
const CURVES = {
  prime256v1: { curve: p256, coordinate: 32 },
  secp384r1: { curve: p384, coordinate: 48 },
  secp521r1: { curve: p521, coordinate: 66 },
  secp256k1: { curve: secp256k1, coordinate: 32 },
} as const;
type CurveName = keyof typeof CURVES;

const BY_NOBLE = { prehash: false, format: "der", lowS: false } as const;

export function signEcdsaDigest(key: KeyObject, digest: Uint8Array): Buffer {
  const { curve } = CURVES[curveOf(key)];
  return withPrivateBytes(key, (scalar) => Buffer.from(curve.sign(digest, scalar, { ...BY_NOBLE, extraEntropy: true })));
}

const MESSAGE = Buffer.from("trent-ecdsa-digest");
const HASH = numberIn(createHash("sha256").update(MESSAGE).digest());

/**
 * @param digest no longer than the order of the curve.
 * @throws when the signature is no DER, or one of its numbers out of range.
 */
export function verifyEcdsaDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const name = curveOf(key);
  const { curve, coordinate } = CURVES[name];
  const scalars = curve.Point.Fn;
  const { r } = curve.Signature.fromBytes(signature, "der");
  const t = scalars.div(scalars.create(numberIn(digest) - HASH), r);
  if (t === 0n) return verify("sha256", MESSAGE, key, signature);
  const own = publicBytes(key, 1 + 2 * coordinate);
  const added = createECDH(name);
  added.setPrivateKey(t.toString(16).padStart(2 * coordinate, "0"), "hex");
  const point = curve.Point.fromBytes(own).add(curve.Point.fromBytes(added.getPublicKey()));
  // No key can be made of it: who signs so knows the private key.
  if (point.is0()) return curve.verify(signature, digest, own, BY_NOBLE);
  const prefix = key.export({ format: "der", type: "spki" }).subarray(0, -own.length);
  const other = createPublicKey({ key: Buffer.concat([prefix, point.toBytes(false)]), format: "der", type: "spki" });
  return verify("sha256", MESSAGE, other, signature);
}

const curveOf = ({ asymmetricKeyDetails }: KeyObject): CurveName => asymmetricKeyDetails?.namedCurve as CurveName;

function numberIn(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
