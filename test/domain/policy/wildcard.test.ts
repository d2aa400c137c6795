import fc from "fast-check";
import { expect, test } from "vitest";
import { anyPattern, anything, wildcard } from "#domain/policy/wildcard";

/** What the guide says, without a thought for speed: every way to read the `*` is tried. */
function naive(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") return naive(pattern.slice(1), text) || (text !== "" && naive(pattern, text.slice(1)));
  return text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1));
}

test("agrees with the plain reading of * and ?", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ":"), maxLength: 9 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "*"), maxLength: 9 });
  fc.assert(
    fc.property(pattern, text, (given, asked) => {
      expect(wildcard(given)(asked)).toBe(naive(given, asked));
      expect(anyPattern([given])(asked)).toBe(naive(given, asked));
    }),
    { numRuns: 20_000 },
  );
});

test("agrees with the plain reading where a part with holes is longer than a machine word", () => {
  const part = fc.array(fc.constantFrom("a", "b", "?"), { minLength: 30, maxLength: 70 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 200 });
  fc.assert(
    fc.property(part, text, text, (letters, before, after) => {
      const found = letters.map((letter) => (letter === "?" ? "b" : letter)).join("");
      const matches = wildcard(`*${letters.join("")}*`);
      expect(matches(before + found + after)).toBe(true);
      const plain = new RegExp(letters.map((letter) => (letter === "?" ? "." : letter)).join(""));
      expect(matches(before + after)).toBe(plain.test(before + after));
    }),
    { numRuns: 2000 },
  );
});

test("any of several patterns is enough, and none matches nothing", () => {
  const matches = anyPattern(["kms:Sign", "kms:De*", "s3:*"]);
  expect(["kms:Sign", "kms:Decrypt", "kms:Verify", "kms:sign"].map(matches)).toEqual([true, true, false, false]);
  expect(anyPattern([])("kms:Sign")).toBe(false);
  expect(anyPattern(["kms:Sign", "*"])).toBe(anything);
  expect(wildcard("***")).toBe(anything);
});
