import { createECDH, createPrivateKey, type KeyObject, publicEncrypt } from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import {
  agree,
  DecryptionError,
  decapsulate,
  decryptOaep,
  encapsulate,
  encryptOaep,
  type MacAlgorithm,
  macOf,
  maxPlaintext,
  sameMac,
  secretKey,
} from "../index.ts";
import { keyPairOf, MESSAGE } from "./pairs.ts";

const spki = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" });

describe.each(["RSA_2048", "RSA_3072", "RSA_4096"] as const)("RSAES-OAEP with %s", (spec) => {
  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const)(
    "opens what it closed, up to the longest plaintext: %s",
    async (algorithm) => {
      const { privateKey, publicKey } = await keyPairOf(spec);
      const longest = Buffer.alloc(maxPlaintext(spec, algorithm), 7);
      for (const plaintext of [new Uint8Array(), MESSAGE, longest]) {
        const ciphertext = encryptOaep(publicKey, algorithm, plaintext);
        expect(await decryptOaep(privateKey, algorithm, ciphertext)).toEqual(Buffer.from(plaintext));
      }
      expect(() => encryptOaep(publicKey, algorithm, Buffer.alloc(longest.length + 1))).toThrow();
    },
    30_000,
  );
});

describe("RSAES-OAEP", () => {
  it("takes as much as AWS's guide says", () => {
    const lengths = (["RSA_2048", "RSA_3072", "RSA_4096"] as const).map((spec) => [
      maxPlaintext(spec, "RSAES_OAEP_SHA_1"),
      maxPlaintext(spec, "RSAES_OAEP_SHA_256"),
    ]);
    expect(lengths).toEqual([
      [214, 190],
      [342, 318],
      [470, 446],
    ]);
  });

  it("says the same of everything that it cannot open", async () => {
    const { privateKey, publicKey } = await keyPairOf("RSA_2048");
    const other = await keyPairOf("RSA_2048", "other");
    const ciphertext = encryptOaep(publicKey, "RSAES_OAEP_SHA_256", MESSAGE);
    const spoilt = Buffer.from(ciphertext);
    spoilt[100] = (spoilt[100] ?? 0) ^ 1;
    const labelled = publicEncrypt({ key: publicKey, oaepHash: "sha256", oaepLabel: Buffer.from("label") }, MESSAGE);
    const broken = [
      ...[spoilt, labelled, ciphertext.subarray(1), ciphertext.subarray(0, -1), new Uint8Array()],
      ...[Buffer.concat([ciphertext, Buffer.alloc(1)]), Buffer.alloc(256), Buffer.alloc(256, 0xff)],
      ...[encryptOaep(other.publicKey, "RSAES_OAEP_SHA_256", MESSAGE), encryptOaep(publicKey, "RSAES_OAEP_SHA_1", MESSAGE)],
    ];
    for (const bytes of broken) {
      const failure = await decryptOaep(privateKey, "RSAES_OAEP_SHA_256", bytes).catch((cause: unknown) => cause);
      expect(failure).toBeInstanceOf(DecryptionError);
      expect(Object.getOwnPropertyNames(failure).sort()).toEqual(["message", "name", "stack"]);
    }
  });
});

/** A private key of P-256 by its scalar. */
function scalarKey(hex: string): KeyObject {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(Buffer.from(hex, "hex"));
  const point = ecdh.getPublicKey();
  const base64 = (bytes: Buffer) => bytes.toString("base64url");
  return createPrivateKey({
    format: "jwk",
    key: { kty: "EC", crv: "P-256", d: base64(Buffer.from(hex, "hex")), x: base64(point.subarray(1, 33)), y: base64(point.subarray(33)) },
  });
}

const P256 = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

describe("ECDH", () => {
  it("is NIST's CAVS vector for P-256, COUNT = 0 (SP 800-56A, ECC CDH primitive)", () => {
    const theirs = Buffer.from(
      "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
      "hex",
    );
    const ours = scalarKey("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534");
    expect(agree(ours, Buffer.concat([P256, theirs])).toString("hex")).toBe(
      "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b",
    );
  });

  it.each([
    ["ECC_NIST_P256", 32],
    ["ECC_NIST_P384", 48],
    ["ECC_NIST_P521", 66],
  ] as const)("gives both sides of %s the same secret, of the length of the field", async (spec, length) => {
    const [one, other] = [await keyPairOf(spec), await keyPairOf(spec, "other")];
    const secret = agree(one.privateKey, spki(other.publicKey));
    expect(secret).toHaveLength(length);
    expect(agree(other.privateKey, spki(one.publicKey))).toEqual(secret);
  });

  it("keeps the zeros that a secret begins with", async () => {
    const { privateKey } = await keyPairOf("ECC_NIST_P256");
    for (let tries = 0; tries < 5000; tries++) {
      const ecdh = createECDH("prime256v1");
      const secret = agree(privateKey, Buffer.concat([P256, ecdh.generateKeys()]));
      expect(secret).toHaveLength(32);
      if (secret[0] === 0) return;
    }
    throw new Error("5,000 secrets, and none begins with a zero.");
  });

  it("takes a compressed point", async () => {
    const [one, other] = [await keyPairOf("ECC_NIST_P256"), await keyPairOf("ECC_NIST_P256", "other")];
    const point = spki(other.publicKey).subarray(-65);
    const short = Buffer.concat([Buffer.from([0x02 + ((point[64] ?? 0) & 1)]), point.subarray(1, 33)]);
    const header = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
    expect(agree(one.privateKey, Buffer.concat([header, short]))).toEqual(agree(one.privateKey, spki(other.publicKey)));
  });

  it("refuses what is no public key of the curve", async () => {
    const { privateKey, publicKey } = await keyPairOf("ECC_NIST_P256");
    const good = spki(publicKey);
    const off = Buffer.from(good);
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    const infinity = Buffer.concat([Buffer.from("3019301306072a8648ce3d020106082a8648ce3d030107030200", "hex"), Buffer.alloc(1)]);
    const explicit = createECDH("prime256v1").generateKeys();
    const broken = [
      ...[off, infinity, explicit, new Uint8Array(), good.subarray(0, -1), Buffer.concat([good, Buffer.alloc(1)])],
      ...[Buffer.concat([P256, Buffer.from([4]), Buffer.alloc(64)]), Buffer.concat([P256, Buffer.from([4]), Buffer.alloc(64, 0xff)])],
      spki((await keyPairOf("ECC_NIST_P384")).publicKey),
      spki((await keyPairOf("ECC_SECG_P256K1")).publicKey),
      spki((await keyPairOf("ECC_NIST_EDWARDS25519")).publicKey),
      spki((await keyPairOf("RSA_2048")).publicKey),
    ];
    for (const bytes of broken) expect(() => agree(privateKey, bytes)).toThrow();
  });
});

describe.each([
  ["ML_KEM_512", 768],
  ["ML_KEM_768", 1088],
  ["ML_KEM_1024", 1568],
] as const)("%s", (spec, length) => {
  it("gives both sides the same secret", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const { ciphertext, sharedSecret } = encapsulate(publicKey);
    expect([ciphertext.length, sharedSecret.length]).toEqual([length, 32]);
    expect(decapsulate(privateKey, ciphertext)).toEqual(sharedSecret);
    expect(encapsulate(publicKey).sharedSecret).not.toEqual(sharedSecret);
  });

  it("makes another secret of a ciphertext that was changed, always the same: implicit rejection", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const { ciphertext, sharedSecret } = encapsulate(publicKey);
    ciphertext[3] = (ciphertext[3] ?? 0) ^ 1;
    const rejected = decapsulate(privateKey, ciphertext);
    expect(rejected).toHaveLength(32);
    expect(rejected).not.toEqual(sharedSecret);
    expect(decapsulate(privateKey, ciphertext)).toEqual(rejected);
  });

  it("refuses a ciphertext of another length", async () => {
    const { privateKey, publicKey } = await keyPairOf(spec);
    const { ciphertext } = encapsulate(publicKey);
    for (const bytes of [ciphertext.subarray(1), Buffer.concat([ciphertext, Buffer.alloc(1)]), new Uint8Array()])
      expect(() => decapsulate(privateKey, bytes)).toThrow(DecryptionError);
  });
});

it("ML-KEM agrees with a second implementation", async () => {
  const { privateKey, publicKey } = await keyPairOf("ML_KEM_768");
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(spki(publicKey).subarray(22));
  expect(decapsulate(privateKey, cipherText)).toEqual(Buffer.from(sharedSecret));
});

describe("HMAC", () => {
  const key = () => secretKey(Buffer.from("Jefe"));
  const message = Buffer.from("what do ya want for nothing?");

  it.each([
    ["HMAC_SHA_224", "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"],
    ["HMAC_SHA_256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    ["HMAC_SHA_384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"],
    [
      "HMAC_SHA_512",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ],
  ] as const)("%s is RFC 4231, test case 2", (algorithm: MacAlgorithm, expected) => {
    const tag = macOf(key(), algorithm, message);
    expect(tag.toString("hex")).toBe(expected);
    expect(sameMac(key(), algorithm, message, tag)).toBe(true);
  });

  it("refuses a tag that is changed, cut, continued or of another message", () => {
    const tag = macOf(key(), "HMAC_SHA_256", message);
    const changed = Buffer.from(tag);
    changed[31] = (changed[31] ?? 0) ^ 1;
    for (const bytes of [changed, tag.subarray(1), tag.subarray(0, -1), Buffer.concat([tag, Buffer.alloc(1)]), new Uint8Array()])
      expect(sameMac(key(), "HMAC_SHA_256", message, bytes)).toBe(false);
    expect(sameMac(key(), "HMAC_SHA_256", Buffer.from("another"), tag)).toBe(false);
    expect(sameMac(secretKey(Buffer.from("other")), "HMAC_SHA_256", message, tag)).toBe(false);
  });
});
