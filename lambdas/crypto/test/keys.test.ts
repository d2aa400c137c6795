import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKey, equal, generateKey, randomBytes, secretKey } from "../index.ts";
import { freshNonce } from "../random.ts";

describe("secretKey", () => {
  test("takes the bytes over and leaves zeros", () => {
    const bytes = randomBytes(32);
    const copy = Buffer.from(bytes);
    expect(secretKey(bytes).export()).toEqual(copy);
    expect(bytes).toEqual(Buffer.alloc(32));
  });

  test("zeroes only its own part of a larger array", () => {
    const around = Uint8Array.of(1, 2, 3, 4);
    secretKey(around.subarray(1, 3));
    expect(around).toEqual(Uint8Array.of(1, 0, 0, 4));
  });

  test("refuses no bytes", () => {
    expect(() => secretKey(new Uint8Array())).toThrow(RangeError);
  });
});

describe("generateKey", () => {
  test("makes a secret key of the length asked for, 32 bytes by default", () => {
    expect([generateKey(), generateKey(28), generateKey(64)].map((key) => [key.type, key.symmetricKeySize])).toEqual([
      ["secret", 32],
      ["secret", 28],
      ["secret", 64],
    ]);
  });

  test("makes another key each time", () => {
    expect(generateKey().equals(generateKey())).toBe(false);
  });
});

describe("randomBytes", () => {
  test.each([1, 16, 32, 1024])("gives %i bytes in memory of their own", (length) => {
    const bytes = randomBytes(length);
    expect([bytes.length, bytes.buffer.byteLength, bytes.byteOffset]).toEqual([length, length, 0]);
  });

  test("sets every bit of every byte sooner or later", () => {
    const seen = Buffer.alloc(64);
    for (let i = 0; i < 64; i += 1) for (const [at, byte] of randomBytes(64).entries()) seen[at] = (seen[at] ?? 0) | byte;
    expect(seen).toEqual(Buffer.alloc(64, 0xff));
  });

  test.each([-1, Number.NaN])("refuses a length of %d", (length) => {
    expect(() => randomBytes(length)).toThrow(RangeError);
  });
});

describe("freshNonce", () => {
  test("never comes out twice, across refills and lengths", () => {
    const nonces = Array.from({ length: 5000 }, (_, i) => freshNonce(i % 3 ? 16 : 12).toString("hex", 0, 12));
    expect(new Set(nonces).size).toBe(5000);
  });

  test("is the holder's own: later nonces do not change it, nor it them", () => {
    const nonce = freshNonce(16);
    const copy = Buffer.from(nonce);
    for (let i = 0; i < 2000; i += 1) freshNonce(16);
    expect(nonce).toEqual(copy);
  });

  test("refuses more than 64 bytes", () => {
    expect(() => freshNonce(65)).toThrow(RangeError);
  });
});

describe("deriveKey", () => {
  const key = generateKey();

  test("is what SP 800-108r1, 4.1 says, for any label, context and length", () => {
    const some = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(some, some, fc.integer({ min: 1, max: 200 }), (label, context, length) => {
        const number = (value: number): Buffer => {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32BE(value);
          return bytes;
        };
        const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
          createHmac("sha256", key)
            .update(number(i + 1))
            .update(label)
            .update("\0")
            .update(context)
            .update(number(length * 8))
            .digest(),
        );
        expect(deriveKey(key, label, context, length)).toEqual(Buffer.concat(blocks).subarray(0, length));
      }),
    );
  });

  test("gives a short key that is no prefix of a longer one", () => {
    const [label, context] = [Buffer.from("label"), Buffer.from("context")];
    expect(deriveKey(key, label, context, 64).subarray(0, 32)).not.toEqual(deriveKey(key, label, context, 32));
  });

  test("returns memory of its own", () => {
    expect(deriveKey(key, Buffer.of(1), Buffer.of(), 44).buffer.byteLength).toBe(44);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 29])("refuses a length of %d", (length) => {
    expect(() => deriveKey(key, Buffer.of(), Buffer.of(), length)).toThrow(RangeError);
  });
});

describe("equal", () => {
  test("holds for the same bytes and for nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(equal(a, Uint8Array.from(a))).toBe(true);
        expect(equal(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equal(a, Uint8Array.from([...a, 0]))).toBe(false);
      }),
    );
  });

  test("holds for two empty byte strings", () => {
    expect(equal(new Uint8Array(), Buffer.of())).toBe(true);
  });
});
