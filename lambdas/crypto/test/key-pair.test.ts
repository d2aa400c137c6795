import { createPrivateKey, createPublicKey } from "node:crypto";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import { type AsymmetricSpec, generateKeyPair, privateKeyOf, publicKeyOf } from "../index.ts";

const CASES: readonly (readonly [AsymmetricSpec, string])[] = [
  ["RSA_2048", '["rsa",{"modulusLength":2048,"publicExponent":"65537"}]'],
  ["RSA_3072", '["rsa",{"modulusLength":3072,"publicExponent":"65537"}]'],
  ["ECC_NIST_P256", '["ec",{"namedCurve":"prime256v1"}]'],
  ["ECC_NIST_P384", '["ec",{"namedCurve":"secp384r1"}]'],
  ["ECC_NIST_P521", '["ec",{"namedCurve":"secp521r1"}]'],
  ["ECC_SECG_P256K1", '["ec",{"namedCurve":"secp256k1"}]'],
  ["ECC_NIST_EDWARDS25519", '["ed25519",{}]'],
  ["ML_DSA_44", '["ml-dsa-44",{}]'],
  ["ML_DSA_65", '["ml-dsa-65",{}]'],
  ["ML_DSA_87", '["ml-dsa-87",{}]'],
  ["ML_KEM_512", '["ml-kem-512",{}]'],
  ["ML_KEM_768", '["ml-kem-768",{}]'],
  ["ML_KEM_1024", '["ml-kem-1024",{}]'],
];

describe.each(CASES)("a pair of %s", (spec, kind) => {
  it("is what it is called, and its halves belong together", async () => {
    const { privateKey, publicKey } = await generateKeyPair(spec);
    const [secret, open] = [privateKeyOf(privateKey), publicKeyOf(publicKey)];
    const said = JSON.stringify([secret.asymmetricKeyType, secret.asymmetricKeyDetails], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    expect(said).toBe(kind);
    expect(createPublicKey(secret).equals(open)).toBe(true);
    expect(open.export({ format: "der", type: "spki" })).toEqual(publicKey);
  });

  it("is another one each time", async () => {
    const [one, other] = [await generateKeyPair(spec), await generateKeyPair(spec)];
    expect(one.publicKey).not.toEqual(other.publicKey);
  }, 30_000);
});

describe("in seed form", () => {
  it("an ML-DSA key is its seed of 32 bytes, expanded as another implementation does (RFC 9881, section 6)", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ML_DSA_87");
    expect(privateKey).toHaveLength(54);
    expect(Buffer.from(ml_dsa87.keygen(privateKey.subarray(-32)).publicKey)).toEqual(publicKey.subarray(22));
  });

  it("an ML-KEM key is its seed of 64 bytes, expanded as another implementation does (RFC 9935, section 6)", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ML_KEM_768");
    expect(privateKey).toHaveLength(86);
    expect(Buffer.from(ml_kem768.keygen(privateKey.subarray(-64)).publicKey)).toEqual(publicKey.subarray(22));
  });

  it("stays so when it is parsed and wiped: nothing but the key object holds it", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ML_DSA_44");
    const key = privateKeyOf(privateKey);
    privateKey.fill(0);
    expect(createPublicKey(key).export({ format: "der", type: "spki" })).toEqual(publicKey);
  });
});

describe("parsing", () => {
  it("throws on what is no key", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ECC_NIST_P256");
    for (const bytes of [new Uint8Array(), publicKey, privateKey.subarray(1), privateKey.subarray(0, -10)])
      expect(() => privateKeyOf(bytes)).toThrow();
    for (const bytes of [new Uint8Array(), privateKey, publicKey.subarray(1), publicKey.subarray(0, -10)])
      expect(() => publicKeyOf(bytes)).toThrow();
  });

  it("takes a view of a larger array as what it shows", async () => {
    const { privateKey } = await generateKeyPair("ECC_NIST_P256");
    const around = Buffer.concat([Buffer.alloc(7, 1), privateKey, Buffer.alloc(7, 1)]);
    expect(privateKeyOf(around.subarray(7, -7)).equals(createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }))).toBe(true);
  });
});
