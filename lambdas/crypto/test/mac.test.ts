import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame } from "../frame.ts";
import { fingerprint, generateKey, mac, materialId, verifyMac } from "../index.ts";
import { flipped, MULTI_REGION_ID, UUID } from "./given.ts";

const key = generateKey();
const parts = ["item", "eu-west-1", `K#${UUID}`, Buffer.of(0, 1, 2)];
const tag = mac(key, parts);

describe("mac and verifyMac", () => {
  test("agree on any parts", () => {
    const part = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 5000 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (list) => {
        expect(mac(key, list).length).toBe(32);
        expect(verifyMac(key, list, mac(key, list))).toBe(true);
      }),
    );
  });

  test("take a string for its UTF-8 bytes", () => {
    expect(mac(key, ["größe"])).toEqual(mac(key, [Buffer.from("größe")]));
  });

  test("refuse a string that is not well-formed Unicode", () => {
    expect(() => mac(key, ["\ud800"])).toThrow(RangeError);
    expect(() => verifyMac(key, ["a\udfff"], tag)).toThrow(RangeError);
  });

  test("hold for a tag given as a view into a larger array", () => {
    const around = Uint8Array.from([9, ...tag, 9]);
    expect(verifyMac(key, parts, around.subarray(1, 33))).toBe(true);
  });
});

describe("mac", () => {
  test("changes when a byte moves from one part to the next", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (bytes, one, other) => {
        const [a, b] = [one % (bytes.length + 1), other % (bytes.length + 1)];
        fc.pre(a !== b);
        const cut = (at: number): Uint8Array[] => [bytes.subarray(0, at), bytes.subarray(at)];
        expect(mac(key, cut(a)).equals(mac(key, cut(b)))).toBe(false);
      }),
    );
  });

  test("tells no part, an empty part and two empty parts apart", () => {
    expect(new Set([[], [""], ["", ""]].map((list) => mac(key, list).toString("hex"))).size).toBe(3);
  });

  test("frames two different lists of parts differently", () => {
    const list = fc.array(fc.constantFrom("", "\0", "\0\0\0\u0001", "a", "aa"), { maxLength: 4 });
    fc.assert(
      fc.property(list, list, (one, other) => {
        expect(frame(one).equals(frame(other))).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("verifyMac", () => {
  test("refuses a tag with any flipped bit", () => {
    for (let bit = 0; bit < 256; bit += 1) expect(verifyMac(key, parts, flipped(tag, bit))).toBe(false);
  });

  test("refuses a tag of another length", () => {
    for (let length = 0; length < 32; length += 1) expect(verifyMac(key, parts, tag.subarray(0, length))).toBe(false);
    expect(verifyMac(key, parts, Buffer.concat([tag, Buffer.alloc(1)]))).toBe(false);
  });

  test("refuses another key, and parts changed, added, removed or in another order", () => {
    expect(verifyMac(generateKey(), parts, tag)).toBe(false);
    for (const other of [[], [...parts, ""], parts.slice(1), [...parts].reverse(), parts.with(1, "eu-west-2")])
      expect(verifyMac(key, other, tag)).toBe(false);
  });
});

describe("fingerprint", () => {
  test("is 16 hex digits, the same for one key and different for two", () => {
    expect(fingerprint(key)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint(key)).toBe(fingerprint(key));
    expect(fingerprint(key)).not.toBe(fingerprint(generateKey()));
  });
});

describe("materialId", () => {
  test("is 64 hex digits, the same for one key id and material", () => {
    expect(materialId(UUID, key)).toMatch(/^[0-9a-f]{64}$/);
    expect(materialId(UUID, key)).toBe(materialId(UUID, key));
  });

  test("differs between two keys that hold the same material, and two materials of one key", () => {
    expect(materialId(MULTI_REGION_ID, key)).not.toBe(materialId(UUID, key));
    expect(materialId(UUID, generateKey())).not.toBe(materialId(UUID, key));
  });
});
