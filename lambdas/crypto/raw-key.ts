import type { KeyObject } from "node:crypto";

/**
 * Does something with a private key's own bytes, which are zeros afterwards: for what node:crypto cannot do with the key itself.
 *
 * @param use is given the scalar of an elliptic curve (SEC 1), or the seed of Ed25519 (RFC 8410) or ML-DSA (RFC 9881).
 */
export function withPrivateBytes<T>(key: KeyObject, use: (bytes: Uint8Array) => T): T {
  if (key.asymmetricKeyType === "ec") {
    const der = key.export({ format: "der", type: "sec1" });
    // SEQUENCE { INTEGER 1, OCTET STRING scalar, … }; P-521 needs a length of two bytes.
    const at = (der[1] ?? 0) < 0x80 ? 2 : 3;
    return wiped(der, () => use(der.subarray(at + 5, at + 5 + (der[at + 4] ?? 0))));
  }
  const der = key.export({ format: "der", type: "pkcs8" });
  if (key.asymmetricKeyType === "ed25519") return wiped(der, () => use(der.subarray(-32)));
  // PrivateKeyInfo { 0, AlgorithmIdentifier, OCTET STRING { SEQUENCE { OCTET STRING seed, … } } }, as OpenSSL writes it whatever it read.
  return wiped(der, () => use(der.subarray(30, 62)));
}

/** The uncompressed point, or the bytes that stand for it, at the end of a SubjectPublicKeyInfo. */
export function publicBytes(key: KeyObject, length: number): Uint8Array {
  return key.export({ format: "der", type: "spki" }).subarray(-length);
}

function wiped<T>(bytes: Buffer, use: () => T): T {
  try {
    return use();
  } finally {
    bytes.fill(0);
  }
}
