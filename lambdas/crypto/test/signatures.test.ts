import { createPrivateKey, createPublicKey, type KeyObject, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { shake256 } from "@noble/hashes/sha3.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { beforeAll, describe, expect, it } from "vitest";
import { type AsymmetricSpec, digestLengthOf, type MessageType, type SigningAlgorithm, sign, verify } from "../index.ts";
import { digestOf, keyPairOf, MESSAGE, type Pair } from "./pairs.ts";

const RSA = ["PKCS1_V1_5", "PSS"].flatMap((scheme) => [256, 384, 512].map((bits) => `RSASSA_${scheme}_SHA_${bits}` as SigningAlgorithm));
const CASES: readonly (readonly [AsymmetricSpec, SigningAlgorithm, number])[] = [
  ...RSA.map((algorithm) => ["RSA_2048", algorithm, 256] as const),
  ["RSA_3072", "RSASSA_PSS_SHA_384", 384],
  ["RSA_4096", "RSASSA_PSS_SHA_512", 512],
  ["ECC_NIST_P256", "ECDSA_SHA_256", 0],
  ["ECC_NIST_P384", "ECDSA_SHA_384", 0],
  ["ECC_NIST_P521", "ECDSA_SHA_512", 0],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256", 0],
  ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512", 64],
  ["ML_DSA_44", "ML_DSA_SHAKE_256", 2420],
  ["ML_DSA_65", "ML_DSA_SHAKE_256", 3309],
  ["ML_DSA_87", "ML_DSA_SHAKE_256", 4627],
];

describe.each(CASES)("%s by %s", (spec, algorithm, length) => {
  let pair: Pair;
  let signature: Buffer;
  beforeAll(async () => {
    pair = await keyPairOf(spec);
    signature = await sign(pair.privateKey, algorithm, MESSAGE, "RAW");
  });

  it("signs what it verifies", async () => {
    if (length > 0) expect(signature).toHaveLength(length);
    expect(await verify(pair.publicKey, algorithm, MESSAGE, "RAW", signature)).toBe(true);
  });

  it("refuses another message, another key, and every way to spoil a signature", async () => {
    const other = await keyPairOf(spec, "other");
    const refused = async (key: KeyObject, message: Uint8Array, bytes: Uint8Array) =>
      expect(await verify(key, algorithm, message, "RAW", bytes)).toBe(false);
    await refused(pair.publicKey, Buffer.from("another message"), signature);
    await refused(other.publicKey, MESSAGE, signature);
    for (const at of [0, 1, 5, Math.floor(signature.length / 2), signature.length - 1]) {
      const spoilt = Buffer.from(signature);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      await refused(pair.publicKey, MESSAGE, spoilt);
    }
    await refused(pair.publicKey, MESSAGE, signature.subarray(1));
    await refused(pair.publicKey, MESSAGE, signature.subarray(0, -1));
    await refused(pair.publicKey, MESSAGE, Buffer.concat([signature, Buffer.alloc(1)]));
    await refused(pair.publicKey, MESSAGE, Buffer.alloc(signature.length));
    await refused(pair.publicKey, MESSAGE, Buffer.alloc(signature.length, 0xff));
    await refused(pair.publicKey, MESSAGE, new Uint8Array());
  });
});

describe.each(CASES.filter(([, algorithm]) => /^(RSASSA|ECDSA)/.test(algorithm)))("%s by %s", (spec, algorithm) => {
  it("signs a digest as it signs the message that it is of, and the other way about", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const digest = digestOf(algorithm, MESSAGE);
    expect(digest).toHaveLength(digestLengthOf(algorithm));
    const byDigest = await sign(privateKey, algorithm, digest, "DIGEST");
    expect(await verify(publicKey, algorithm, MESSAGE, "RAW", byDigest)).toBe(true);
    expect(await verify(publicKey, algorithm, digest, "DIGEST", byDigest)).toBe(true);
    const byMessage = await sign(privateKey, algorithm, MESSAGE, "RAW");
    expect(await verify(publicKey, algorithm, digest, "DIGEST", byMessage)).toBe(true);
  });

  it("refuses by digest, too, what is no signature of it", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const digest = digestOf(algorithm, MESSAGE);
    const signature = await sign(privateKey, algorithm, digest, "DIGEST");
    const refused = async (message: Uint8Array, bytes: Uint8Array) =>
      expect(await verify(publicKey, algorithm, message, "DIGEST", bytes)).toBe(false);
    await refused(digestOf(algorithm, Buffer.from("another")), signature);
    for (const at of [0, 4, signature.length - 1]) {
      const spoilt = Buffer.from(signature);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      await refused(digest, spoilt);
    }
    await refused(digest, signature.subarray(1));
    await refused(digest, Buffer.concat([signature, Buffer.alloc(1)]));
    await refused(digest, Buffer.alloc(signature.length));
    await refused(digest, Buffer.alloc(signature.length, 0xff));
    await refused(digest, new Uint8Array());
  });
});

describe("RSASSA-PSS", () => {
  it.each(["RAW", "DIGEST"] as const)(
    "wants the zeros that a signature begins with: %s",
    async (type) => {
      const { privateKey, publicKey } = await keyPairOf("RSA_2048");
      const message = type === "RAW" ? MESSAGE : digestOf("RSASSA_PSS_SHA_256", MESSAGE);
      for (let tries = 0; tries < 5000; tries++) {
        const signature = await sign(privateKey, "RSASSA_PSS_SHA_256", MESSAGE, "RAW");
        if (signature[0] !== 0) continue;
        expect(await verify(publicKey, "RSASSA_PSS_SHA_256", message, type, signature)).toBe(true);
        expect(await verify(publicKey, "RSASSA_PSS_SHA_256", message, type, signature.subarray(1))).toBe(false);
        return;
      }
      throw new Error("5,000 signatures, and none begins with a zero.");
    },
    30_000,
  );

  it.each(["RAW", "DIGEST"] as const)("takes a salt as long as the hash, and no other: %s", async (type: MessageType) => {
    const { privateKey, publicKey } = await keyPairOf("RSA_2048");
    const message = type === "RAW" ? MESSAGE : digestOf("RSASSA_PSS_SHA_256", MESSAGE);
    for (const saltLength of [0, 20, 31, 33, 222])
      expect(
        await verify(
          publicKey,
          "RSASSA_PSS_SHA_256",
          message,
          type,
          nodeSign("sha256", MESSAGE, { key: privateKey, padding: 6, saltLength }),
        ),
      ).toBe(false);
  });
});

/** r and s as DER, of whatever lengths: below 128 bytes in all. */
const der = (...numbers: readonly Buffer[]): Buffer => {
  const parts = numbers.flatMap((number) => [Buffer.from([0x02, number.length]), number]);
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
};
const ORDER = Buffer.from("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");

describe.each(["RAW", "DIGEST"] as const)("ECDSA over P-256, %s", (type) => {
  it.each([
    ["r and s are zero", der(Buffer.alloc(1), Buffer.alloc(1))],
    ["r is zero", der(Buffer.alloc(1), Buffer.from([1]))],
    ["s is zero", der(Buffer.from([1]), Buffer.alloc(1))],
    ["r is the order", der(ORDER, Buffer.from([1]))],
    ["s is the order", der(Buffer.from([1]), ORDER)],
    ["r is negative", der(Buffer.from([0xff]), Buffer.from([1]))],
    ["r has a zero too many before it", der(Buffer.from([0, 1]), Buffer.from([1]))],
    ["there are three numbers", der(Buffer.from([1]), Buffer.from([1]), Buffer.from([1]))],
    [
      "the length is written in the long form",
      Buffer.concat([Buffer.from([0x30, 0x81, 6]), der(Buffer.from([1]), Buffer.from([1])).subarray(2)]),
    ],
    ["it is the bare pair of numbers", Buffer.alloc(64, 1)],
  ])("refuses a signature in which %s", async (_, signature) => {
    const { publicKey } = await keyPairOf("ECC_NIST_P256");
    const message = type === "RAW" ? MESSAGE : digestOf("ECDSA_SHA_256", MESSAGE);
    expect(await verify(publicKey, "ECDSA_SHA_256", message, type, signature)).toBe(false);
  });

  it('verifies RFC 6979, A.2.5, with SHA-256, message = "sample"', async () => {
    const publicKey = createPublicKey({
      format: "jwk",
      key: {
        ...{ kty: "EC", crv: "P-256" },
        x: Buffer.from("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6", "hex").toString("base64url"),
        y: Buffer.from("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299", "hex").toString("base64url"),
      },
    });
    const signature = der(
      Buffer.from("00EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", "hex"),
      Buffer.from("00F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8", "hex"),
    );
    const message = type === "RAW" ? Buffer.from("sample") : digestOf("ECDSA_SHA_256", Buffer.from("sample"));
    expect(await verify(publicKey, "ECDSA_SHA_256", message, type, signature)).toBe(true);
  });
});

/** Of a seed (RFC 8410). */
const edwards = (seed: string): Pair => {
  const privateKey = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seed}`, "hex"), format: "der", type: "pkcs8" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
};

describe("Ed25519", () => {
  it("is RFC 8032, 7.1, TEST 2", async () => {
    const { privateKey } = edwards("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    expect((await sign(privateKey, "ED25519_SHA_512", Buffer.from([0x72]), "RAW")).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });

  it("refuses an S that is not below the order: signatures are not malleable", async () => {
    const { privateKey, publicKey } = edwards("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    for (const algorithm of ["ED25519_SHA_512", "ED25519_PH_SHA_512"] as const) {
      const signature = await sign(privateKey, algorithm, MESSAGE, "RAW");
      const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order;
      signature.set(Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse(), 32);
      expect(await verify(publicKey, algorithm, MESSAGE, "RAW", signature)).toBe(false);
    }
  });

  it("refuses the point of small order, which signs everything under lenient rules", async () => {
    const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    const publicKey = createPublicKey({
      key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), identity]),
      format: "der",
      type: "spki",
    });
    const signature = Buffer.concat([identity, Buffer.alloc(32)]);
    expect(await verify(publicKey, "ED25519_PH_SHA_512", MESSAGE, "DIGEST", signature)).toBe(false);
  });

  it("prehashed is RFC 8032, 7.3, TEST abc: the message, which KMS is given as a digest, is hashed by the algorithm itself", async () => {
    const { privateKey, publicKey } = edwards("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    const signature = await sign(privateKey, "ED25519_PH_SHA_512", Buffer.from("abc"), "DIGEST");
    expect(signature.toString("hex")).toBe(
      "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    expect(await verify(publicKey, "ED25519_PH_SHA_512", Buffer.from("abc"), "DIGEST", signature)).toBe(true);
    expect(await verify(publicKey, "ED25519_SHA_512", Buffer.from("abc"), "RAW", signature)).toBe(false);
    expect(await verify(publicKey, "ED25519_PH_SHA_512", Buffer.from("abd"), "DIGEST", signature)).toBe(false);
    expect(await verify(publicKey, "ED25519_PH_SHA_512", Buffer.from("abc"), "DIGEST", signature.subarray(1))).toBe(false);
  });
});

describe("ML-DSA", () => {
  it.each(["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"] as const)(
    "%s signs an external µ as the message that it is of (FIPS 204, 5.2)",
    async (spec) => {
      const { privateKey, publicKey } = await keyPairOf(spec);
      const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(22);
      const tr = shake256(bytes, { dkLen: 64 });
      const mu = shake256(Buffer.concat([tr, Buffer.from([0, 0]), MESSAGE]), { dkLen: 64 });
      const byMu = await sign(privateKey, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU");
      expect(await verify(publicKey, "ML_DSA_SHAKE_256", MESSAGE, "RAW", byMu)).toBe(true);
      const byMessage = await sign(privateKey, "ML_DSA_SHAKE_256", MESSAGE, "RAW");
      expect(await verify(publicKey, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU", byMessage)).toBe(true);
      expect(await verify(publicKey, "ML_DSA_SHAKE_256", MESSAGE, "EXTERNAL_MU", byMessage)).toBe(false);
      byMessage[9] = (byMessage[9] ?? 0) ^ 1;
      expect(await verify(publicKey, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU", byMessage)).toBe(false);
    },
  );

  it("agrees with a second implementation", async () => {
    const { privateKey, publicKey } = await keyPairOf("ML_DSA_65");
    const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(22);
    expect(ml_dsa65.verify(await sign(privateKey, "ML_DSA_SHAKE_256", MESSAGE, "RAW"), MESSAGE, bytes)).toBe(true);
    const { secretKey } = ml_dsa65.keygen(privateKey.export({ format: "der", type: "pkcs8" }).subarray(30, 62));
    expect(nodeVerify(null, MESSAGE, publicKey, ml_dsa65.sign(MESSAGE, secretKey))).toBe(true);
  });
});
