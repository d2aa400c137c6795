import { createPrivateKey, createPublicKey, type KeyObject, generateKeyPair as nodeGenerateKeyPair } from "node:crypto";
import type { AsymmetricSpec, EllipticSpec, MlDsaSpec, MlKemSpec, RsaSpec } from "./algorithms.ts";
import { randomBytes } from "./random.ts";
import { turns } from "./turns.ts";

/** Both halves of a key pair, in DER. The private half is a secret: whoever took it over fills it with zeros. */
export interface KeyPair {
  /** PKCS #8 PrivateKeyInfo (RFC 5958), unencrypted; of ML-DSA and ML-KEM in seed form (RFC 9881, RFC 9935). */
  readonly privateKey: Buffer;
  /** X.509 SubjectPublicKeyInfo (RFC 5280). */
  readonly publicKey: Buffer;
}

const CURVES: Readonly<Record<EllipticSpec, string>> = {
  ECC_NIST_P256: "P-256",
  ECC_NIST_P384: "P-384",
  ECC_NIST_P521: "P-521",
  ECC_SECG_P256K1: "secp256k1",
};

/** The last arc of the object identifier, under 2.16.840.1.101.3.4. */
const ARCS: Readonly<Record<MlDsaSpec | MlKemSpec, string>> = {
  ML_DSA_44: "0311",
  ML_DSA_65: "0312",
  ML_DSA_87: "0313",
  ML_KEM_512: "0401",
  ML_KEM_768: "0402",
  ML_KEM_1024: "0403",
};

/**
 * Makes a key pair. RSA's primes (public exponent 65537) are looked for on another thread, one pair after the other, of each account in its turn;
 * the others take less than a millisecond.
 * @param account empty: whoever runs all this.
 * @throws {QueueFullError} when too many RSA pairs wait already, the account's or all.
 */
export function generateKeyPair(spec: AsymmetricSpec, account = ""): Promise<KeyPair> {
  if (spec.startsWith("RSA_"))
    return inTurn(account, () => generated("rsa", { modulusLength: Number((spec as RsaSpec).slice("RSA_".length)) }));
  if (spec === "ECC_NIST_EDWARDS25519") return generated("ed25519", {});
  if (spec.startsWith("ML_")) return Promise.resolve(fromSeed(spec as MlDsaSpec | MlKemSpec));
  return generated("ec", { namedCurve: CURVES[spec as EllipticSpec] });
}

/** @throws when the bytes are no PKCS #8. The bytes stay the caller's, to be wiped. */
export const privateKeyOf = (pkcs8: Uint8Array): KeyObject => createPrivateKey({ key: viewOf(pkcs8), format: "der", type: "pkcs8" });

/** @throws when the bytes are no SubjectPublicKeyInfo. */
export const publicKeyOf = (spki: Uint8Array): KeyObject => createPublicKey({ key: viewOf(spki), format: "der", type: "spki" });

/**
 * Several at once would take the processors, and the few threads of Node's pool, from those who only want something encrypted or signed. An account's
 * that wait take half a minute if they are of RSA_4096: no client waits longer.
 */
const inTurn = turns(32, 512);

const DER = { publicKeyEncoding: { type: "spki", format: "der" }, privateKeyEncoding: { type: "pkcs8", format: "der" } } as const;

function generated(type: "rsa" | "ec" | "ed25519", options: object): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    const done = (cause: Error | null, publicKey: Buffer, privateKey: Buffer): void =>
      cause ? reject(cause) : resolve({ privateKey, publicKey });
    // The overloads of the types know each kind of key alone.
    nodeGenerateKeyPair(type as "rsa", { ...options, ...DER } as Parameters<typeof generateRsa>[0], done);
  });
}
declare function generateRsa(options: { readonly modulusLength: number } & typeof DER): void;

/**
 * A pair out of a fresh seed, of which alone its private half is written: what OpenSSL makes by itself also holds the expanded key, which a
 * reader would have to check against the seed.
 */
function fromSeed(spec: MlDsaSpec | MlKemSpec): KeyPair {
  const seed = randomBytes(spec.startsWith("ML_KEM_") ? 64 : 32);
  const id = Buffer.from(`300b060960864801650304${ARCS[spec]}`, "hex");
  // OCTET STRING { [0] IMPLICIT OCTET STRING seed }; every length is below 128.
  const inner = [0x04, seed.length + 2, 0x80, seed.length];
  const body = 3 + id.length + inner.length + seed.length;
  const privateKey = Buffer.concat([Buffer.from([0x30, body, 0x02, 0x01, 0x00]), id, Buffer.from(inner), seed]);
  seed.fill(0);
  return { privateKey, publicKey: createPublicKey(privateKeyOf(privateKey)).export({ type: "spki", format: "der" }) };
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
