import { createHash, createPrivateKey, createPublicKey, sign as nodeSign } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AsymmetricSpec, type SigningAlgorithm, sign, verify } from "../index.ts";
import { keyPairOf } from "./pairs.ts";

const CASES: readonly (readonly [AsymmetricSpec, SigningAlgorithm, string, number])[] = [
  ["ECC_NIST_P256", "ECDSA_SHA_256", "sha256", 32],
  ["ECC_NIST_P384", "ECDSA_SHA_384", "sha384", 48],
  ["ECC_NIST_P521", "ECDSA_SHA_512", "sha512", 64],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256", "sha256", 32],
];

describe.each(CASES)("%s over a digest", (spec, algorithm, hash, length) => {
  it("verifies what OpenSSL signs, and nothing else", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.nat(8 * length - 1), async (message, bit) => {
        const digest = createHash(hash).update(message).digest();
        const signature = nodeSign(hash, message, privateKey);
        expect(await verify(publicKey, algorithm, digest, "DIGEST", signature)).toBe(true);
        digest[bit >> 3] = (digest[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(await verify(publicKey, algorithm, digest, "DIGEST", signature)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["zero", Buffer.alloc(length)],
    ["as large as can be", Buffer.alloc(length, 0xff)],
  ])("verifies a digest that is %s", async (_, digest) => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const signature = await sign(privateKey, algorithm, digest, "DIGEST");
    expect(await verify(publicKey, algorithm, digest, "DIGEST", signature)).toBe(true);
    expect(await verify(publicKey, algorithm, Buffer.alloc(length, 1), "DIGEST", signature)).toBe(false);
  });
});

describe("P-256 over a digest, where the way by OpenSSL ends", () => {
  const hash = BigInt(`0x${createHash("sha256").update("trent-ecdsa-digest").digest("hex")}`);
  const scalars = p256.Point.Fn;
  const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

  it("verifies the digest of the message that stands for all", async () => {
    const { privateKey, publicKey } = await keyPairOf("ECC_NIST_P256");
    const signature = await sign(privateKey, "ECDSA_SHA_256", bytesOf(hash), "DIGEST");
    expect(await verify(publicKey, "ECDSA_SHA_256", bytesOf(hash), "DIGEST", signature)).toBe(true);
  });

  it("verifies a signature whose other key would be the point at infinity", async () => {
    const { privateKey } = await keyPairOf("ECC_NIST_P256");
    const d = BigInt(`0x${Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url").toString("hex")}`);
    const k = 12345n;
    const r = scalars.create(p256.Point.BASE.multiply(k).toAffine().x);
    const digest = scalars.sub(hash, scalars.mul(r, d));
    const s = scalars.div(scalars.add(digest, scalars.mul(r, d)), k);
    const signature = new p256.Signature(r, s).toBytes("der");
    const publicKey = createPublicKey(createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })));
    expect(await verify(publicKey, "ECDSA_SHA_256", bytesOf(digest), "DIGEST", signature)).toBe(true);
    expect(await verify(publicKey, "ECDSA_SHA_256", bytesOf(scalars.add(digest, 1n)), "DIGEST", signature)).toBe(false);
  });
});
