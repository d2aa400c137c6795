import { expect, test } from "vitest";
import { checkState, type ToldChange } from "#domain/state-check";

/** The n-th thing that one writer wrote; with `by`, another writer's, at that second. */
function told(n: number, version: number, { by = "w", isCertain = true, mac = version === 0 ? undefined : `mac ${n}` } = {}): ToldChange {
  const moment = (number: number) => ({ writer: by, number, at: n * 1000 });
  return { version, mac, told: `call ${n}`, isCertain, began: moment(2 * n), ended: moment(2 * n + 1) };
}
const stored = (version: number, n: number) => ({ version, mac: `mac ${n}` });
const made = told(1, 1);

test("an item is good in the state that the newest change left it in, and in one that may have come since", () => {
  expect(checkState(stored(2, 2), [made, told(2, 2)], true).is).toBe("good");
  expect(checkState(stored(2, 2), [made, told(2, 2, { isCertain: false })], true).is).toBe("good");
  expect(checkState(stored(1, 1), [made, told(2, 2, { isCertain: false })], true).is).toBe("good");
});

test("of two states of an item that was never deleted, the version tells the newer one, whatever clocks said", () => {
  const skewed = told(0, 2, { by: "other" });
  expect(checkState(stored(1, 1), [made, skewed], true)).toMatchObject({ is: "changed", told: { told: "call 0" } });
  expect(checkState({ version: 2, mac: "mac 0" }, [made, skewed], true).is).toBe("good");
});

test("an item that was deleted and made again is the one that was made last", () => {
  const changes = [made, told(2, 2), told(3, 0), told(4, 1)];
  expect(checkState(stored(1, 4), changes, true).is).toBe("good");
  expect(checkState(stored(1, 1), changes, true).is).toBe("changed");
  expect(checkState(stored(2, 2), changes, true).is).toBe("changed");
});

test("a deletion that may have happened excuses that nothing is there, until something is certainly made after it", () => {
  const perhaps = told(2, 0, { isCertain: false });
  expect(checkState(undefined, [made], true).is).toBe("missing");
  expect(checkState(undefined, [made, perhaps], true).is).toBe("good");
  expect(checkState(stored(1, 1), [made, perhaps], true).is).toBe("good");
  expect(checkState(undefined, [made, perhaps, told(3, 1)], true)).toMatchObject({ is: "missing", told: { told: "call 3" } });
  expect(checkState(undefined, [told(1, 1, { isCertain: false })], true).is).toBe("good");
});

test("two writers are told apart by their clocks only where these differ by more than clocks do", () => {
  const soon = told(30, 0, { by: "other" });
  const late = told(90, 0, { by: "other" });
  expect(checkState(stored(1, 1), [made, soon], true).is).toBe("good");
  expect(checkState(stored(1, 1), [made, late], true).is).toBe("added");
});

test("what the log tells nothing of is unchecked, and nobody's when the log tells everything", () => {
  expect(checkState(stored(3, 3), [], false).is).toBe("unchecked");
  expect(checkState(stored(3, 3), [], true).is).toBe("added");
  expect(checkState(stored(3, 3), [told(4, 4)], false)).toMatchObject({ is: "changed", told: { told: "call 4" } });
  expect(checkState(stored(3, 3), [told(4, 4, { isCertain: false })], false).is).toBe("unchecked");
});
