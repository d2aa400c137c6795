import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from "node:crypto";
import type { AsymmetricSpec, EllipticSpec, RsaSpec } from "./algorithms.ts";
import { type KeyPair, privateKeyOf } from "./key-pair.ts";

/** A private key that is not one of the kind that was expected, or that does not hold together. Says nothing of what it holds. */
export class UnfitKeyError extends Error {
  override readonly name = "UnfitKeyError";

  constructor() {
    super("The bytes are no private key of this kind.");
  }
}

/** As OpenSSL calls the curves. */
const CURVES: Readonly<Record<EllipticSpec, string>> = {
  ECC_NIST_P256: "prime256v1",
  ECC_NIST_P384: "secp384r1",
  ECC_NIST_P521: "secp521r1",
  ECC_SECG_P256K1: "secp256k1",
};

/**
 * Both halves of a pair that was made elsewhere, written as our own are: however the private key was encoded, one pair has one form.
 *
 * RSA has two primes whose product is the modulus, and a public exponent that undoes the private one; a curve is named, not described, and the
 * public point is the private key's. The bytes stay the caller's, to be wiped.
 *
 * @param pkcs8 attacker-controlled: a PKCS #8 PrivateKeyInfo.
 * @throws {UnfitKeyError} whatever is wrong with it.
 */
export function takeKeyPair(pkcs8: Uint8Array, spec: AsymmetricSpec): KeyPair {
  let given: KeyObject;
  let own: KeyObject;
  try {
    given = privateKeyOf(pkcs8);
    if (!isOfSpec(given, spec)) throw new UnfitKeyError();
    // By way of a JWK only the numbers are taken over; and of a point that it is on the curve, and the private key's, is checked on the way.
    const numbers = given.export({ format: "jwk" });
    if (!isSound(numbers)) throw new UnfitKeyError();
    own = createPrivateKey({ key: numbers, format: "jwk" });
    if (!agrees(own)) throw new UnfitKeyError();
  } catch {
    throw new UnfitKeyError();
  }
  const publicKey = publicBytesOf(own);
  if (!isNamed(publicBytesOf(given), publicKey)) throw new UnfitKeyError();
  return { privateKey: own.export({ type: "pkcs8", format: "der" }), publicKey };
}

function isOfSpec({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, spec: AsymmetricSpec): boolean {
  if (spec.startsWith("RSA_")) return type === "rsa" && details?.modulusLength === Number((spec as RsaSpec).slice("RSA_".length));
  if (spec === "ECC_NIST_EDWARDS25519") return type === "ed25519";
  return type === "ec" && details?.namedCurve !== undefined && details.namedCurve === CURVES[spec as EllipticSpec];
}

/**
 * Of RSA, what OpenSSL does not look at: two primes, not more; an exponent that changes something; and a private one that undoes it, in both of the
 * forms in which it is written down.
 * @see RFC 8017, 3.2
 */
function isSound({ kty, ...numbers }: JsonWebKey): boolean {
  if (kty !== "RSA") return true;
  const { n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp, dq, qi = 0n } = numbersOf(numbers);
  if (p <= 1n || q <= 1n || p * q !== n || e <= 1n) return false;
  const undoes = (e * d) % (p - 1n) === 1n && (e * d) % (q - 1n) === 1n;
  return undoes && dp === d % (p - 1n) && dq === d % (q - 1n) && (qi * q) % p === 1n;
}

const numbersOf = (members: JsonWebKey): Partial<Record<string, bigint>> =>
  Object.fromEntries(Object.entries(members).map(([name, text]) => [name, numberOf(text as string)]));
const numberOf = (text: string): bigint => BigInt(`0x${Buffer.from(text, "base64url").toString("hex") || "0"}`);

const PROBE = Buffer.from("trent-imported-pair");

/** Whether the halves belong together. */
function agrees(privateKey: KeyObject): boolean {
  const hash = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return verify(hash, PROBE, createPublicKey(privateKey), sign(hash, PROBE, privateKey));
}

/** A described curve makes the SubjectPublicKeyInfo longer than any way of writing the point. */
const isNamed = (given: Buffer, own: Buffer): boolean => given.length <= own.length;

const publicBytesOf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: "spki", format: "der" });
