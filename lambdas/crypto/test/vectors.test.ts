import { createSecretKey, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { counterMode } from "../derive-key.ts";
import { decrypt, encrypt } from "../gcm.ts";
import { canonicalContext, deriveKey, fingerprint, headerOf, mac, materialId, open, unwrapKey, verifyMac } from "../index.ts";
import { sealWith } from "../seal.ts";
import { wrapKeyWith } from "../wrap-key.ts";
import vectors from "./vectors.json" with { type: "json" };

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const keyOf = (hex: string): KeyObject => createSecretKey(hex, "hex");
const contextOf = (pairs: readonly string[][]): Map<string, string> => new Map(pairs.map(([name = "", value = ""]) => [name, value]));

describe("published vectors", () => {
  test.each(vectors.kdf.vectors)("the KDF in counter mode gives COUNT=$count of KDFCTR_gen.rsp", ({ key, fixed, output }) => {
    const input = Buffer.concat([Buffer.alloc(4), bytes(fixed)]);
    expect(counterMode(keyOf(key), input, output.length / 2).toString("hex")).toBe(output);
  });

  test.each(vectors.gcm)("AES-256-GCM gives $source, both ways", (vector) => {
    const [key, iv, aad] = [keyOf(vector.key), bytes(vector.iv), bytes(vector.aad)];
    const [ciphertext, tag] = encrypt(key, iv, aad, bytes(vector.plaintext));
    expect([ciphertext.toString("hex"), tag.toString("hex")]).toEqual([vector.ciphertext, vector.tag]);
    expect(decrypt(key, iv, aad, Buffer.concat([ciphertext, tag])).toString("hex")).toBe(vector.plaintext);
  });
});

describe("Trent's own vectors, computed by an independent implementation and frozen", () => {
  test.each(vectors.deriveKey)("deriveKey, %#", ({ key, label, context, output }) => {
    expect(deriveKey(keyOf(key), bytes(label), bytes(context), output.length / 2).toString("hex")).toBe(output);
  });

  test.each(vectors.mac)("mac of $parts", ({ key, parts, tag }) => {
    expect(mac(keyOf(key), parts).toString("hex")).toBe(tag);
    expect(verifyMac(keyOf(key), parts, bytes(tag))).toBe(true);
  });

  test("fingerprint", () => {
    expect(fingerprint(keyOf(vectors.fingerprint.key))).toBe(vectors.fingerprint.output);
  });

  test.each(vectors.canonicalContext)("canonicalContext of $pairs", ({ pairs, output }) => {
    expect(canonicalContext(contextOf(pairs)).toString("hex")).toBe(output);
  });

  test.each(vectors.materialId)("materialId for $key", ({ key, material, output }) => {
    expect(materialId(key, keyOf(material))).toBe(output);
  });

  test.each(vectors.seal)("seal and open for $key, %#", ({ key, material, pairs, nonce, plaintext, blob }) => {
    const secret = { id: materialId(key, keyOf(material)), key: keyOf(material) };
    const context = contextOf(pairs);
    expect(sealWith(secret, bytes(plaintext), { key, context }, bytes(nonce)).toString("hex")).toBe(blob);
    expect(open(secret, bytes(blob), context).toString("hex")).toBe(plaintext);
    expect(headerOf(bytes(blob))).toEqual({ key, material: secret.id });
  });

  test.each(vectors.wrapKey)("wrapKey and unwrapKey with $context", ({ wrapping, key, context, iv, wrapped }) => {
    expect(wrapKeyWith(keyOf(wrapping), keyOf(key), context, bytes(iv)).toString("hex")).toBe(wrapped);
    expect(unwrapKey(keyOf(wrapping), bytes(wrapped), context).equals(keyOf(key))).toBe(true);
  });
});
