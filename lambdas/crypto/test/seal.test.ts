import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContextError, DecryptionError, headerOf, open, randomBytes, seal } from "../index.ts";
import { sealWith } from "../seal.ts";
import { backingKey, contexts, flipped, keyIds, MULTI_REGION_ID, plaintexts, UUID } from "./given.ts";

const context = new Map([
  ["tenant", "acme"],
  ["purpose", "backup"],
]);
const secret = backingKey(UUID);
const plaintext = randomBytes(32);
const blob = seal(secret, plaintext, { key: UUID, context });

/** The blob with other bytes at a place of the header. */
function patched(at: number, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(blob);
  copy.set(bytes, at);
  return copy;
}

describe("seal and open", () => {
  test("give back any plaintext under any key and context", () => {
    fc.assert(
      fc.property(keyIds, plaintexts, contexts, (key, bytes, pairs) => {
        const own = backingKey(key);
        const sealed = seal(own, bytes, { key, context: pairs });
        expect(headerOf(sealed)).toEqual({ key, material: own.id });
        expect(Uint8Array.from(open(own, sealed, pairs))).toEqual(bytes);
      }),
    );
  });

  test("make a blob of 83 bytes more than the plaintext, within 6,144 for 4,096", () => {
    expect(blob.length).toBe(32 + 83);
    expect(seal(secret, randomBytes(4096), { key: UUID, context }).length).toBeLessThanOrEqual(6144);
  });

  test("open a blob given as a view into a larger array", () => {
    const around = Buffer.concat([randomBytes(5), blob, randomBytes(5)]);
    expect(open(secret, new Uint8Array(around.buffer, around.byteOffset + 5, blob.length), context)).toEqual(plaintext);
  });

  test("hold for the pairs of a context in any order", () => {
    expect(open(secret, blob, new Map([...context].reverse()))).toEqual(plaintext);
  });

  test("take a pair named __proto__ like any other", () => {
    const pairs = new Map([["__proto__", "x"]]);
    const sealed = seal(secret, plaintext, { key: UUID, context: pairs });
    expect(open(secret, sealed, pairs)).toEqual(plaintext);
    expect(() => open(secret, sealed, new Map())).toThrow(DecryptionError);
  });

  test("leave the plaintext and the caller's keys as they were", () => {
    const given = Buffer.from("attack at dawn");
    open(secret, seal(secret, given, { key: UUID, context }), context);
    expect(given.toString()).toBe("attack at dawn");
    expect(secret.key.symmetricKeySize).toBe(32);
  });

  test("return a plaintext in memory of its own", () => {
    const opened = open(secret, blob, context);
    expect(opened.buffer.byteLength).toBe(opened.length);
  });
});

describe("seal", () => {
  test("never gives the same nonce or ciphertext twice", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i += 1) {
      const sealed = seal(secret, plaintext, { key: UUID, context });
      seen.add(sealed.toString("hex", 51, 67)).add(sealed.toString("hex", 67));
    }
    expect(seen.size).toBe(4000);
  });

  test("depends on its input only, once the nonce is given", () => {
    const nonce = randomBytes(16);
    expect(sealWith(secret, plaintext, { key: UUID, context }, nonce)).toEqual(sealWith(secret, plaintext, { key: UUID, context }, nonce));
  });

  test("gives unrelated ciphertexts for one nonce under two key ids or two materials", () => {
    const nonce = Buffer.alloc(16);
    const other = "ffffffff-12ab-34cd-56ef-1234567890ab";
    const ciphertexts = [
      sealWith(secret, plaintext, { key: UUID, context }, nonce),
      sealWith(secret, plaintext, { key: other, context }, nonce),
      sealWith(secret, plaintext, { key: MULTI_REGION_ID, context }, nonce),
      sealWith({ ...secret, id: "0".repeat(64) }, plaintext, { key: UUID, context }, nonce),
    ].map((sealed) => sealed.toString("hex", 67, 99));
    expect(new Set(ciphertexts).size).toBe(4);
  });

  test.each([0, 4097])("refuses a plaintext of %i bytes", (length) => {
    expect(() => seal(secret, Buffer.alloc(length), { key: UUID, context })).toThrow(RangeError);
  });

  test.each([UUID.toUpperCase(), MULTI_REGION_ID.slice(4), `${UUID}0`, `${MULTI_REGION_ID}\n`, "alias/a", ""])(
    "refuses the key id %j",
    (key) => {
      expect(() => seal(secret, plaintext, { key, context })).toThrow(RangeError);
    },
  );

  test.each(["AB".repeat(32), "ab".repeat(31), `${"ab".repeat(31)}ag`, `${"ab".repeat(32)}\n`])("refuses the material id %j", (id) => {
    expect(() => seal({ ...secret, id }, plaintext, { key: UUID, context })).toThrow(RangeError);
  });

  test.each([0, 12, 15, 17])("refuses a nonce of %i bytes", (length) => {
    expect(() => sealWith(secret, plaintext, { key: UUID, context }, Buffer.alloc(length))).toThrow(RangeError);
  });

  test("refuses a context without canonical form", () => {
    expect(() => seal(secret, plaintext, { key: UUID, context: new Map([["a", "\ud800"]]) })).toThrow(ContextError);
  });
});

describe("open", () => {
  test("refuses a blob with any flipped bit", () => {
    for (let bit = 0; bit < blob.length * 8; bit += 1) expect(() => open(secret, flipped(blob, bit), context)).toThrow(DecryptionError);
  });

  test("refuses a blob cut short or made longer anywhere", () => {
    for (let length = 0; length < blob.length; length += 1) {
      expect(() => open(secret, blob.subarray(0, length), context)).toThrow(DecryptionError);
      expect(() => open(secret, blob.subarray(blob.length - length), context)).toThrow(DecryptionError);
    }
    expect(() => open(secret, Buffer.concat([blob, Buffer.alloc(1)]), context)).toThrow(DecryptionError);
    expect(() => open(secret, Buffer.concat([Buffer.alloc(1), blob]), context)).toThrow(DecryptionError);
  });

  test("refuses any bytes that are not a blob", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => open(secret, bytes, context)).toThrow(DecryptionError);
      }),
    );
  });

  test("refuses a context with a pair changed, added, removed or shifted between name and value", () => {
    const others = [
      [],
      [["tenant", "acme"]],
      [...context, ["", ""]],
      [
        ["tenant", "acmE"],
        ["purpose", "backup"],
      ],
      [
        ["tenant", "backup"],
        ["purpose", "acme"],
      ],
      [
        ["tenan", "tacme"],
        ["purpose", "backup"],
      ],
      [
        ["tenant", "acme\0"],
        ["purpose", "backup"],
      ],
      [
        ["acme", "tenant"],
        ["purpose", "backup"],
      ],
    ] as [string, string][][];
    for (const pairs of others) expect(() => open(secret, blob, new Map(pairs))).toThrow(DecryptionError);
  });

  test("refuses every context but the one sealed with", () => {
    fc.assert(
      fc.property(contexts, contexts, (one, other) => {
        const same = one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
        fc.pre(!same);
        const sealed = seal(secret, plaintext, { key: UUID, context: one });
        expect(() => open(secret, sealed, other)).toThrow(DecryptionError);
      }),
    );
  });

  test("takes a context without canonical form for another context", () => {
    expect(() => open(secret, blob, new Map([["a", "\ud800"]]))).toThrow(DecryptionError);
    expect(() => open(secret, blob, new Map([["a", "x".repeat(9000)]]))).toThrow(DecryptionError);
  });

  test("does not normalise Unicode", () => {
    const sealed = seal(secret, plaintext, { key: UUID, context: new Map([["name", "\u00e9"]]) });
    expect(() => open(secret, sealed, new Map([["name", "e\u0301"]]))).toThrow(DecryptionError);
  });

  test("refuses a blob whose header was given another key id", () => {
    expect(() => open(secret, patched(3, randomBytes(16)), context)).toThrow(DecryptionError);
  });

  test("refuses a blob whose key id was turned into the multi-Region one of the same digits", () => {
    const swapped = patched(2, Buffer.of(1));
    expect(headerOf(swapped)?.key).toBe(MULTI_REGION_ID);
    expect(() => open(secret, swapped, context)).toThrow(DecryptionError);
  });

  test("refuses a blob whose header was given another material id, also by a key that bears it", () => {
    const other = backingKey(UUID);
    const swapped = patched(19, Buffer.from(other.id, "hex"));
    expect(() => open(secret, swapped, context)).toThrow(DecryptionError);
    expect(() => open(other, swapped, context)).toThrow(DecryptionError);
    expect(() => open({ ...secret, id: other.id }, swapped, context)).toThrow(DecryptionError);
  });

  test("refuses another material of the same key, and the same material of another key", () => {
    expect(() => open(backingKey(UUID), blob, context)).toThrow(DecryptionError);
    expect(() => open(backingKey(MULTI_REGION_ID, secret.key), blob, context)).toThrow(DecryptionError);
  });

  test("refuses parts of two blobs put together", () => {
    const other = seal(secret, plaintext, { key: UUID, context });
    for (const at of [59, 67, 99]) {
      expect(() => open(secret, Buffer.concat([blob.subarray(0, at), other.subarray(at)]), context)).toThrow(DecryptionError);
    }
  });

  test("fails in one way, whatever was wrong", () => {
    const failures = [
      () => open(secret, Buffer.alloc(0), context),
      () => open(secret, patched(1, Buffer.of(2)), context),
      () => open(secret, flipped(blob, blob.length * 8 - 1), context),
      () => open(secret, blob, new Map()),
      () => open(backingKey(UUID), blob, context),
    ].map((attempt) => {
      try {
        return attempt();
      } catch (error) {
        return error;
      }
    });
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(DecryptionError);
      expect(failure).toHaveProperty("message", new DecryptionError().message);
      expect(failure).not.toHaveProperty("cause");
    }
  });
});
