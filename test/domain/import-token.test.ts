import { mac, randomBytes, secretKey, verifyMac } from "@trent/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { issueImportToken, openImportToken } from "#domain/import-token";

const proofOf = (key: ReturnType<typeof secretKey>) => ({
  sign: (parts: readonly string[]) => mac(key, parts),
  verify: (parts: readonly string[], tag: Uint8Array) => verifyMac(key, parts, tag),
});
const proof = proofOf(secretKey(randomBytes(32)));
const KEY = "1234abcd-12ab-34cd-56ef-1234567890ab";
const now = new Date("2026-06-01T12:00:00.123Z");
const validTo = new Date("2026-06-02T12:00:00.123Z");
const token = { id: "00112233445566778899aabbccddeeff", keyId: KEY, validTo };
const issued = issueImportToken(token, proof);

test("says what it was issued for, until its very end", () => {
  expect(openImportToken(issued, KEY, now, proof)).toEqual(token);
  expect(openImportToken(issued, KEY, new Date(validTo.getTime() - 1), proof)).toEqual(token);
  expect(() => openImportToken(issued, KEY, validTo, proof)).toThrow(expect.objectContaining({ name: "ExpiredImportTokenException" }));
});

test("is none with any flipped bit, cut, extended, for another key or under another MAC key", () => {
  const invalid = expect.objectContaining({ name: "InvalidImportTokenException" });
  const refused = (bytes: Uint8Array, key = KEY, by = proof) => expect(() => openImportToken(bytes, key, now, by)).toThrow(invalid);
  for (let bit = 0; bit < issued.length * 8; bit += 1) {
    const bytes = Buffer.from(issued);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    refused(bytes);
  }
  refused(issued.subarray(1));
  refused(Buffer.concat([issued, Buffer.alloc(1)]));
  refused(issued, "1234abcd-12ab-34cd-56ef-1234567890ac");
  refused(issued, KEY, proofOf(secretKey(randomBytes(32))));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      refused(bytes);
    }),
  );
});
