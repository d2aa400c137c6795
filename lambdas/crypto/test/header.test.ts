import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerBytes } from "../header.ts";
import { headerOf, seal } from "../index.ts";
import { backingKey, keyIds, MULTI_REGION_ID, materialIds, UUID } from "./given.ts";

const nonces = fc.uint8Array({ minLength: 16, maxLength: 16 });
const rest = (length: number): Uint8Array => Buffer.alloc(length, 7);

describe("headerOf", () => {
  test("reads back every key id and material id that was written", () => {
    fc.assert(
      fc.property(keyIds, materialIds, nonces, (key, material, nonce) => {
        expect(headerOf(Buffer.concat([headerBytes({ key, material }, nonce), rest(17)]))).toEqual({ key, material });
      }),
    );
  });

  test("never throws on any bytes, and takes only the one encoding of what it reads", () => {
    const start = fc.constantFrom(
      Buffer.of(),
      Buffer.of(0x54),
      Buffer.of(0x54, 1),
      Buffer.of(0x54, 1, 0),
      Buffer.of(0x54, 1, 1),
      Buffer.of(0x54, 1, 2),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 4300 }), (head, tail) => {
        const blob = Buffer.concat([head, tail]);
        const header = headerOf(Uint8Array.from(blob));
        if (header) expect(headerBytes(header, blob.subarray(51, 67))).toEqual(blob.subarray(0, 67));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([0, 1, 83, 4180, 6144])("takes %i bytes for no blob", (length) => {
    const blob = Buffer.alloc(length);
    blob.set(Buffer.of(0x54, 1, 0).subarray(0, length));
    expect(headerOf(blob)).toBeUndefined();
  });

  test.each([84, 4179])("takes %i bytes for a blob", (length) => {
    const blob = Buffer.alloc(length);
    blob.set([0x54, 1, 0]);
    expect(headerOf(blob)).toEqual({ key: "00000000-0000-0000-0000-000000000000", material: "0".repeat(64) });
  });

  test("takes no other mark, version or form of key id", () => {
    const blob = Buffer.concat([headerBytes({ key: UUID, material: "0".repeat(64) }, Buffer.alloc(16)), rest(48)]);
    for (let value = 0; value < 256; value += 1) {
      expect(headerOf(Buffer.from(blob.with(0, value))) !== undefined).toBe(value === 0x54);
      expect(headerOf(Buffer.from(blob.with(1, value))) !== undefined).toBe(value === 1);
      expect(headerOf(Buffer.from(blob.with(2, value))) !== undefined).toBe(value < 2);
    }
  });

  test("is undefined for what AWS KMS and the AWS Encryption SDK make", () => {
    for (const start of ["0102020078", "0101020078", "0102030078", "0180", "0205", "0278"]) {
      expect(headerOf(Buffer.concat([Buffer.from(start, "hex"), rest(180)]))).toBeUndefined();
    }
  });

  test("reads a blob that starts as VAEA in base64, VAEB for a multi-Region key", () => {
    for (const [key, start] of [
      [UUID, "VAEA"],
      [MULTI_REGION_ID, "VAEB"],
    ] as const) {
      expect(seal(backingKey(key), rest(1), { key, context: new Map() }).toString("base64").slice(0, 4)).toBe(start);
    }
  });
});
