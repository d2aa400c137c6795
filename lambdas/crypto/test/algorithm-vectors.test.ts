/** Published known answers of the algorithms, each with its source. */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { shake128 } from "@noble/hashes/sha3.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem512, ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import {
  type AsymmetricSpec,
  DecryptionError,
  decapsulate,
  decryptOaep,
  generateKeyPair,
  privateKeyOf,
  type SigningAlgorithm,
  sign,
  verify,
} from "../index.ts";
import { digestOf } from "./pairs.ts";
import rsa from "./rsa-vectors.json" with { type: "json" };

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

describe("RSA by Wycheproof (the source stands in rsa-vectors.json)", () => {
  const privateKey = createPrivateKey({ format: "jwk", key: rsa.key });
  const publicKey = createPublicKey(privateKey);

  it.each(rsa.signatures)("$algorithm, $id, of the message and of its digest: $valid", async ({ algorithm: name, message, ...vector }) => {
    const [algorithm, signature] = [name as SigningAlgorithm, bytes(vector.signature)];
    const digest = digestOf(algorithm, bytes(message));
    expect(await verify(publicKey, algorithm, bytes(message), "RAW", signature)).toBe(vector.valid);
    expect(await verify(publicKey, algorithm, digest, "DIGEST", signature)).toBe(vector.valid);
    // Nothing in PKCS #1 v1.5 is random.
    if (!vector.valid || !name.startsWith("RSASSA_PKCS1")) return;
    expect(await sign(privateKey, algorithm, bytes(message), "RAW")).toEqual(signature);
    expect(await sign(privateKey, algorithm, digest, "DIGEST")).toEqual(signature);
  });

  it.each(rsa.ciphertexts)("RSAES_OAEP_SHA_256, $id", async ({ ciphertext, plaintext }) => {
    const opened = decryptOaep(privateKey, "RSAES_OAEP_SHA_256", bytes(ciphertext));
    if (plaintext === undefined) await expect(opened).rejects.toThrow(DecryptionError);
    else expect((await opened).toString("hex")).toBe(plaintext);
  });
});

const SAMPLES = [
  {
    source: "RFC 6979, A.2.6, SHA-384",
    algorithm: "ECDSA_SHA_384",
    crv: "P-384",
    x: "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
    y: "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
    r: "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
    s: "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
  },
  {
    source: "RFC 6979, A.2.7, SHA-512",
    algorithm: "ECDSA_SHA_512",
    crv: "P-521",
    x: "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4",
    y: "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
    r: "c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
    s: "617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
  },
] as const;

/** A positive INTEGER of an even number of hexadecimal digits. */
function integer(hex: string): Buffer {
  const even = bytes(hex.padStart(Math.ceil(hex.length / 2) * 2, "0"));
  const signed = (even[0] ?? 0) < 0x80 ? even : Buffer.concat([Buffer.alloc(1), even]);
  return Buffer.concat([Buffer.from([0x02, signed.length]), signed]);
}

it.each(SAMPLES)("ECDSA verifies $source, of 'sample' and of its digest", async ({ algorithm, crv, x, y, r, s }) => {
  const coordinate = (hex: string): string => bytes(hex).toString("base64url");
  const publicKey = createPublicKey({ format: "jwk", key: { kty: "EC", crv, x: coordinate(x), y: coordinate(y) } });
  const body = Buffer.concat([integer(r), integer(s)]);
  const signature = Buffer.concat([Buffer.from(body.length < 0x80 ? [0x30, body.length] : [0x30, 0x81, body.length]), body]);
  const message = Buffer.from("sample");
  expect(await verify(publicKey, algorithm, message, "RAW", signature)).toBe(true);
  expect(await verify(publicKey, algorithm, digestOf(algorithm, message), "DIGEST", signature)).toBe(true);
});

/** Makes private keys of seeds, in the form that `generateKeyPair` writes. */
async function keysOfSeeds(spec: AsymmetricSpec, seedLength: number): Promise<(seed: Uint8Array) => KeyObject> {
  const { privateKey } = await generateKeyPair(spec);
  return (seed) => privateKeyOf(Buffer.concat([privateKey.subarray(0, -seedLength), seed]));
}

const rawPublicKey = (key: KeyObject): Buffer => createPublicKey(key).export({ format: "der", type: "spki" }).subarray(22);

// C2SP CCTV, ML-DSA/accumulated: seeds of one SHAKE128; the public key and the deterministic signature of nothing go into another.
it.each([
  ["ML_DSA_44", ml_dsa44, "d51148e1f9f4fa1a723a6cf42e25f2a99eb5c1b378b3d2dbbd561b1203beeae4"],
  ["ML_DSA_65", ml_dsa65, "8358a1843220194417cadbc2651295cd8fc65125b5a5c1a239a16dc8b57ca199"],
  ["ML_DSA_87", ml_dsa87, "8c3ad714777622b8f21ce31bb35f71394f23bc0fcf3c78ace5d608990f3b061b"],
] as const)(
  "%s gives CCTV's public keys of 100 seeds, and takes their signatures",
  async (spec, scheme, expected) => {
    const [source, seen, nothing] = [shake128.create({}), shake128.create({}), new Uint8Array()];
    const keyOf = await keysOfSeeds(spec, 32);
    for (let i = 0; i < 100; i++) {
      const seed = source.xof(32);
      const key = keyOf(seed);
      const signature = scheme.sign(nothing, scheme.keygen(seed).secretKey, { extraEntropy: false });
      seen.update(rawPublicKey(key)).update(signature);
      expect(await verify(createPublicKey(key), "ML_DSA_SHAKE_256", nothing, "RAW", signature)).toBe(true);
    }
    expect(Buffer.from(seen.xof(32)).toString("hex")).toBe(expected);
  },
  60_000,
);

// Go, crypto/mlkem, TestAccumulated (100): a seed, a message and a ciphertext of chance from one SHAKE128; public key, ciphertext, secret and
// rejection secret go into another. Published for 768; on the others PQClean, kyber-py and CIRCL agree.
it.each([
  ["ML_KEM_512", ml_kem512, "86b1b4703b8ffef6f7f3290c6dbce4ad954498a0673ded401a94828e8c519a59"],
  ["ML_KEM_768", ml_kem768, "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415"],
  ["ML_KEM_1024", ml_kem1024, "800018fec3e2723f73f1d657fe239b4d5d8782efaade297e8cd448e54cc2ac00"],
] as const)("%s gives the public keys, secrets and rejections of 100 seeds", async (spec, scheme, expected) => {
  const [source, seen] = [shake128.create({}), shake128.create({})];
  const keyOf = await keysOfSeeds(spec, 64);
  for (let i = 0; i < 100; i++) {
    const key = keyOf(source.xof(64));
    const publicKey = rawPublicKey(key);
    const { cipherText, sharedSecret } = scheme.encapsulate(publicKey, source.xof(32));
    const opened = decapsulate(key, cipherText);
    expect(opened).toEqual(Buffer.from(sharedSecret));
    const rejected = decapsulate(key, source.xof(cipherText.length));
    seen.update(publicKey).update(cipherText).update(opened).update(rejected);
  }
  expect(Buffer.from(seen.xof(32)).toString("hex")).toBe(expected);
});
