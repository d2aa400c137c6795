import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContextError, canonicalContext } from "../index.ts";
import { contexts, words } from "./given.ts";

const canonical = (...pairs: [string, string][]): string => canonicalContext(new Map(pairs)).toString("hex");

/** Reads the canonical form back. */
function parsed(bytes: Buffer): Map<string, string> {
  const pairs = new Map<string, string>();
  let at = 2;
  const next = (): string => {
    const start = at + 2;
    at = start + bytes.readUInt16BE(at);
    return bytes.toString("utf8", start, at);
  };
  for (let left = bytes.readUInt16BE(0); left > 0; left -= 1) pairs.set(next(), next());
  expect(at).toBe(bytes.length);
  return pairs;
}

describe("canonicalContext", () => {
  test("gives an empty context two zero bytes", () => {
    expect(canonical()).toBe("0000");
  });

  test("can be read back, so that no two contexts share a form", () => {
    fc.assert(
      fc.property(contexts, (context) => {
        expect(parsed(canonicalContext(context))).toEqual(context);
      }),
    );
  });

  test("gives two different contexts two forms", () => {
    const few = fc.array(fc.tuple(fc.constantFrom("", "a", "aa", "b", "\0"), fc.constantFrom("", "a", "aa", "b", "\0")), { maxLength: 3 });
    fc.assert(
      fc.property(few, few, (one, other) => {
        const [first, second] = [new Map(one), new Map(other)];
        const same = first.size === second.size && [...first].every(([name, value]) => second.get(name) === value);
        expect(canonicalContext(first).equals(canonicalContext(second))).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  test("does not depend on the order of the pairs", () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.tuple(words, words), { selector: ([name]) => name, maxLength: 8 })
          .chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length }))),
        ([pairs, shuffled]) => {
          expect(canonical(...shuffled)).toBe(canonical(...pairs));
        },
      ),
    );
  });

  test("sorts by UTF-8 bytes, where UTF-16 would put U+10000 before U+FFFF", () => {
    const order = [
      ...parsed(
        canonicalContext(
          new Map([
            ["\u{10000}", ""],
            ["\uffff", ""],
            ["b", ""],
            ["B", ""],
            ["ba", ""],
            ["", ""],
          ]),
        ),
      ).keys(),
    ];
    expect(order).toEqual(["", "B", "b", "ba", "\uffff", "\u{10000}"]);
  });

  test("takes __proto__, constructor and the empty string as ordinary names", () => {
    const context = new Map([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["", ""],
    ]);
    expect(parsed(canonicalContext(context))).toEqual(context);
    expect(canonical(["__proto__", "a"])).not.toBe(canonical());
  });

  test("tells case, and composed from decomposed characters, apart", () => {
    expect(canonical(["a", "x"])).not.toBe(canonical(["A", "x"]));
    expect(canonical(["\u00e9", "x"])).not.toBe(canonical(["e\u0301", "x"]));
  });

  test.each(["\ud800", "\udc00", "a\udbffb", "\udc00\ud800"])("refuses the lone surrogate in %j, in a name and in a value", (text) => {
    expect(() => canonical([text, "x"])).toThrow(ContextError);
    expect(() => canonical(["x", text])).toThrow(ContextError);
  });

  test("takes 8,192 bytes and refuses 8,193, counted as UTF-8", () => {
    expect(canonical(["a", "x".repeat(8192 - 7)]).length).toBe(8192 * 2);
    expect(() => canonical(["a", "x".repeat(8192 - 6)])).toThrow(ContextError);
    expect(() => canonical(["a", "é".repeat(4093)])).toThrow(ContextError);
    expect(() => canonical(["x".repeat(70_000), "a"])).toThrow(ContextError);
  });

  test("is shorter than the JSON of the same pairs, so that 8,192 characters of ASCII JSON always fit", () => {
    const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(ascii, ascii, { minKeys: 1 }), (pairs) => {
        expect(canonicalContext(new Map(Object.entries(pairs))).length).toBeLessThan(JSON.stringify(pairs).length);
      }),
    );
  });

  test("never names what it refuses", () => {
    expect(() => canonical(["tenant", "secret\ud800"])).toThrow(/^The encryption context is not well-formed Unicode\.$/);
    expect(() => canonical(["tenant", "secret".repeat(2000)])).toThrow(/^The encryption context is longer than 8192 bytes\.$/);
  });
});
