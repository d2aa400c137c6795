import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Access, isLinear } from "./linear.ts";

const write = (value: string, began: number, ended = Number.POSITIVE_INFINITY): Access => ({ kind: "write", value, began, ended });
const read = (value: string, began: number, ended: number): Access => ({ kind: "read", value, began, ended });

describe("a history is linear", () => {
  test.each<[what: string, history: Access[]]>([
    ["when one follows the other", [read("0", 0, 1), write("a", 2, 3), read("a", 4, 5)]],
    ["when a reading beside a write sees the old or the new", [write("a", 0, 10), read("0", 1, 2), read("a", 3, 4), read("a", 11, 12)]],
    ["when writes at once come in either order", [write("a", 0, 10), write("b", 0, 10), read("b", 11, 12)]],
    ["when what was not answered was not done", [write("a", 0), read("0", 5, 6)]],
    ["when what was not answered was done later", [write("a", 0), read("0", 5, 6), write("b", 7, 8), read("b", 9, 10), read("a", 11, 12)]],
  ])("%s", (_, history) => expect(isLinear("0", history)).toBe(true));
});

describe("a history is not linear", () => {
  test.each<[what: string, history: Access[]]>([
    ["when what was acknowledged is not read", [write("a", 0, 1), read("0", 2, 3)]],
    ["when a reading is older than one before it", [write("a", 0, 10), read("a", 1, 2), read("0", 3, 4)]],
    ["when a write is overwritten by an older one", [write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)]],
    ["when two see writes in two orders", [write("a", 0, 9), write("b", 0, 9), read("a", 1, 2), read("b", 3, 4), read("a", 5, 6)]],
    ["when something is read that nobody wrote", [read("z", 0, 1)]],
    ["when what was not answered is done, and undone", [write("a", 0), read("a", 1, 2), read("0", 3, 4)]],
  ])("%s", (_, history) => expect(isLinear("0", history)).toBe(false));
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
