import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Access, isLinear } from "./linear.ts";

const write = (value: string, began: number, ended = Number.POSITIVE_INFINITY): Access => ({ kind: "write", value, began, ended });
const read = (value: string, began: number, ended: number): Access => ({ kind: "read", value, began, ended });

/** Of two values the first is written twice, once without an answer; and read where only that can have written it. */
const twice = (one: string, other: string) => [write(one, 0, 1), write(other, 2, 3), write(one, 2), read(one, 6, 7)];

describe("a history is linear", () => {
  test.each<[what: string, history: Access[]]>([
    ["when one follows the other", [read("0", 0, 1), write("a", 2, 3), read("a", 4, 5)]],
    ["when a reading beside a write sees the old or the new", [write("a", 0, 10), read("0", 1, 2), read("a", 3, 4), read("a", 11, 12)]],
    ["when writes at once come in either order", [write("a", 0, 10), write("b", 0, 10), read("b", 11, 12)]],
    ["when what was not answered was not done", [write("a", 0), read("0", 5, 6)]],
    ["when what was not answered was done later", [write("a", 0), read("0", 5, 6), write("b", 7, 8), read("b", 9, 10), read("a", 11, 12)]],
    ["when one value is written by many", [write("a", 0, 1), write("b", 2, 3), write("a", 4, 5), read("a", 6, 7)]],
    ["when what was not answered, and looks as what was, was done", [write("a", 0, 1), write("b", 2, 3), write("a", 2), read("a", 8, 9)]],
  ])("%s", (_, history) => expect(isLinear("0", history)).toBe(true));
});

describe("a history is not linear", () => {
  test.each<[what: string, history: Access[]]>([
    ["when what was acknowledged is not read", [write("a", 0, 1), read("0", 2, 3)]],
    ["when a reading is older than one before it", [write("a", 0, 10), read("a", 1, 2), read("0", 3, 4)]],
    ["when a write is overwritten by an older one", [write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)]],
    ["when two see writes in two orders", [write("a", 0, 9), write("b", 0, 9), read("a", 1, 2), read("b", 3, 4), read("a", 5, 6)]],
    ["when something is read that nobody wrote", [read("z", 0, 1)]],
    ["when a value comes back that was written before", [write("a", 0, 1), write("b", 2, 3), read("b", 4, 5), read("a", 6, 7)]],
    ["when it comes back twice, and one who may have written it had no answer", [...twice("a", "b"), read("b", 8, 9), read("a", 10, 11)]],
    ["when what was not answered is done, and undone", [write("a", 0), read("a", 1, 2), read("0", 3, 4)]],
  ])("%s", (_, history) => expect(isLinear("0", history)).toBe(false));
});

/** What the search finds without being clever: every order of all accesses, and of those without an answer every choice. */
function isLinearSlowly(value: string, left: readonly Access[]): boolean {
  if (left.every(({ ended }) => ended === Number.POSITIVE_INFINITY)) return true;
  const first = Math.min(...left.map(({ ended }) => ended));
  return left.some(
    (one) =>
      one.began <= first &&
      (one.kind === "write" || one.value === value) &&
      isLinearSlowly(
        one.value,
        left.filter((other) => other !== one),
      ),
  );
}

const any = fc.array(
  fc
    .record({ isWrite: fc.boolean(), value: fc.constantFrom("0", "a", "b"), began: fc.nat(20), took: fc.nat(8), isAnswered: fc.boolean() })
    .map(({ isWrite, value, began, took, isAnswered }) => {
      const ended = isAnswered || !isWrite ? began + took : Number.POSITIVE_INFINITY;
      return isWrite ? write(value, began, ended) : read(value, began, ended);
    }),
  { maxLength: 7 },
);

test("is linear or not, as the search of all orders says", () => {
  const verdicts = new Map([true, false].map((verdict) => [verdict, 0]));
  fc.assert(
    fc.property(any, (history) => {
      const verdict = isLinearSlowly("0", history);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      expect(isLinear("0", history)).toBe(verdict);
    }),
    { numRuns: 3_000 },
  );
  for (const count of verdicts.values()) expect(count).toBeGreaterThan(300);
});

/** Accesses that take place at one moment each, as their callers see them: begun before and ended after it. */
const real = fc
  .array(fc.record({ isWrite: fc.boolean(), before: fc.nat(30), after: fc.nat(30), isAnswered: fc.boolean() }), { maxLength: 40 })
  .map((taken) => {
    let value = "0";
    return taken.map(({ isWrite, before, after, isAnswered }, at): Access => {
      if (isWrite) value = `v${at}`;
      const [began, ended] = [10 * at - before, 10 * at + after];
      return isWrite ? write(value, began, isAnswered ? ended : undefined) : read(value, began, ended);
    });
  });

test("whatever a register does is linear, and is not when one reading that nothing overlaps is exchanged", () => {
  fc.assert(
    fc.property(real, (history) => {
      expect(isLinear("0", history)).toBe(true);
      const last = Math.max(0, ...history.map(({ began, ended }) => (ended === Number.POSITIVE_INFINITY ? began : ended)));
      const written = history.filter(({ kind, ended }) => kind === "write" && ended !== Number.POSITIVE_INFINITY);
      if (written.length > 0) expect(isLinear("0", [...history, read("0", last + 1, last + 2)])).toBe(false);
    }),
  );
});
