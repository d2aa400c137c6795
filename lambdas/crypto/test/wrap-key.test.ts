import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecryptionError, generateKey, seal, unwrapKey, wrapKey } from "../index.ts";
import { backingKey, flipped, UUID, words } from "./given.ts";

const wrapping = generateKey();
const key = generateKey();
const context = ["material", "123456789012", UUID, "0".repeat(64), "SYMMETRIC_DEFAULT"];
const wrapped = wrapKey(wrapping, key, context);

describe("wrapKey and unwrapKey", () => {
  test("give back any key under any context", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.array(words, { maxLength: 6 }), (bytes, parts) => {
        const given = createSecretKey(bytes);
        expect(unwrapKey(wrapping, wrapKey(wrapping, given, parts), parts).equals(given)).toBe(true);
      }),
    );
  });

  test("leave the wrapped key usable", () => {
    wrapKey(wrapping, key, context);
    expect(unwrapKey(wrapping, wrapped, context).equals(key)).toBe(true);
  });
});

describe("wrapKey", () => {
  test("adds 29 bytes and never uses an IV twice", () => {
    const ivs = new Set(Array.from({ length: 2000 }, () => wrapKey(wrapping, key, context).toString("hex", 1, 13)));
    expect(wrapped.length).toBe(32 + 29);
    expect(ivs.size).toBe(2000);
  });

  test("refuses a context that is not well-formed Unicode", () => {
    expect(() => wrapKey(wrapping, key, ["\ud800"])).toThrow(RangeError);
  });
});

describe("unwrapKey", () => {
  test("refuses a wrapped key with any flipped bit", () => {
    for (let bit = 0; bit < wrapped.length * 8; bit += 1)
      expect(() => unwrapKey(wrapping, flipped(wrapped, bit), context)).toThrow(DecryptionError);
  });

  test("refuses a wrapped key cut short or made longer", () => {
    for (let length = 0; length < wrapped.length; length += 1) {
      expect(() => unwrapKey(wrapping, wrapped.subarray(0, length), context)).toThrow(DecryptionError);
    }
    expect(() => unwrapKey(wrapping, Buffer.concat([wrapped, Buffer.alloc(1)]), context)).toThrow(DecryptionError);
  });

  test("refuses any bytes that are not a wrapped key", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => unwrapKey(wrapping, bytes, context)).toThrow(DecryptionError);
      }),
    );
  });

  test("refuses another wrapping key", () => {
    expect(() => unwrapKey(generateKey(), wrapped, context)).toThrow(DecryptionError);
  });

  test("refuses a context with a part changed, added, removed, moved or joined", () => {
    const [label = "", account = "", ...rest] = context;
    const others = [
      [],
      [...context, ""],
      ["", ...context],
      context.slice(1),
      context.slice(0, -1),
      [...context].reverse(),
      [label + account, ...rest],
    ];
    for (const other of others) expect(() => unwrapKey(wrapping, wrapped, other)).toThrow(DecryptionError);
    for (const at of context.keys()) expect(() => unwrapKey(wrapping, wrapped, context.with(at, "other"))).toThrow(DecryptionError);
  });

  test("refuses every list of parts but the one wrapped with", () => {
    const parts = fc.array(fc.constantFrom("", "a", "aa", "b"), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(() => unwrapKey(wrapping, wrapKey(wrapping, key, one), other)).toThrow(DecryptionError);
      }),
    );
  });

  test("refuses a ciphertext blob made under the wrapping key", () => {
    const blob = seal(backingKey(UUID, wrapping), Buffer.alloc(32), { key: UUID, context: new Map() });
    expect(() => unwrapKey(wrapping, blob, context)).toThrow(DecryptionError);
  });
});
