import { constants, createCipheriv, createSecretKey, generateKeyPairSync, type KeyObject, publicEncrypt } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecryptionError, randomBytes, unwrapMaterial, type WrappingAlgorithm } from "../index.ts";
import { unwrapPadded } from "../unwrap-padded.ts";
import { flipped } from "./given.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function wrapPadded(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv(`id-aes${key.length * 8}-wrap-pad`, key, hex("a65959a6"));
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

describe("unwrapPadded", () => {
  const kek = createSecretKey(hex("5840df6e29b02af1 ab493b705bf16ea1 ae8338f4dcc176a8"));

  test.each([
    ["c37b7e6492584340 bed1220780894115 5068f738", "138bdeaa9b8fa7fc 61f97742e72248ee 5ae6ae5360d1ae6a 5f54f373fa543b6a"],
    ["466f7250617369", "afbeb0f07dfbf541 9200f2ccb50bb24f"],
  ])("opens the examples of RFC 5649, 6: %s", (plaintext, ciphertext) => {
    expect(unwrapPadded(kek, hex(ciphertext))).toEqual(hex(plaintext));
  });

  test("opens what another wrapped, of any length, under an AES-256 key", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 1, maxLength: 3000 }), (key, bytes) => {
        expect(unwrapPadded(createSecretKey(key), wrapPadded(key, bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("refuses any flipped bit, whatever the length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, bit) => {
        const wrapped = wrapPadded(kek.export(), bytes);
        expect(() => unwrapPadded(kek, flipped(wrapped, bit % (wrapped.length * 8)))).toThrow(DecryptionError);
      }),
    );
  });

  test("refuses nothing at all, what is too short or is cut, and keys of no AES", () => {
    const wrapped = wrapPadded(kek.export(), Buffer.alloc(40, 1));
    for (const length of [0, 8, 15, 17, wrapped.length - 8, wrapped.length - 1])
      expect(() => unwrapPadded(kek, wrapped.subarray(0, length))).toThrow(DecryptionError);
    expect(() => unwrapPadded(createSecretKey(randomBytes(20)), wrapped)).toThrow(DecryptionError);
  });
});

describe("unwrapMaterial", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const oaep = (bytes: Uint8Array, oaepHash: string): Buffer =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
  const hashOf = (algorithm: string): string => (algorithm.endsWith("_1") ? "sha1" : "sha256");
  const open = (algorithm: WrappingAlgorithm, bytes: Uint8Array, key: KeyObject = privateKey) => unwrapMaterial(key, algorithm, bytes);
  const wrappedBy = (algorithm: WrappingAlgorithm, bytes: Uint8Array, between: Uint8Array = randomBytes(32)): Buffer =>
    algorithm.startsWith("RSAES")
      ? oaep(bytes, hashOf(algorithm))
      : Buffer.concat([oaep(between, hashOf(algorithm)), wrapPadded(between, bytes)]);
  const ALGORITHMS = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"] as const;

  test.each(ALGORITHMS)("opens what was wrapped by %s", async (algorithm) => {
    const bytes = randomBytes(algorithm.startsWith("RSAES") ? 100 : 2400);
    expect(await open(algorithm, wrappedBy(algorithm, bytes))).toEqual(bytes);
  });

  test.each(ALGORITHMS)("refuses any flipped bit of what was wrapped by %s, and what was cut or extended", async (algorithm) => {
    const wrapped = wrappedBy(algorithm, randomBytes(32));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: wrapped.length * 8 - 1 }), async (bit) => {
        await expect(open(algorithm, flipped(wrapped, bit))).rejects.toThrow(DecryptionError);
      }),
      { numRuns: 60 },
    );
    for (const other of [wrapped.subarray(1), wrapped.subarray(0, -8), Buffer.concat([wrapped, Buffer.alloc(8)]), Buffer.alloc(0)])
      await expect(open(algorithm, other)).rejects.toThrow(DecryptionError);
  });

  test("refuses what was wrapped in another way, or under another key", async () => {
    const bytes = randomBytes(32);
    for (const algorithm of ALGORITHMS)
      for (const other of ALGORITHMS.filter((one) => one !== algorithm))
        await expect(open(algorithm, wrappedBy(other, bytes))).rejects.toThrow(DecryptionError);
    const another = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (const algorithm of ALGORITHMS)
      await expect(open(algorithm, wrappedBy(algorithm, bytes), another)).rejects.toThrow(DecryptionError);
  });

  test.each([16, 24])("refuses an AES key of %i bytes between", async (length) => {
    const algorithm = "RSA_AES_KEY_WRAP_SHA_256";
    await expect(open(algorithm, wrappedBy(algorithm, randomBytes(32), randomBytes(length)))).rejects.toThrow(DecryptionError);
  });
});
