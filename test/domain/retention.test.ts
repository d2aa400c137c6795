import { expect, test } from "vitest";
import { daysFor, longestOf, type Retention, retentionOf } from "#domain/retention";

test("days of all accounts, and more of some", () => {
  expect(retentionOf("90")).toEqual({ days: 90 });
  const retention = retentionOf("30,111122223333=400,444455556666=30") as Retention;
  expect(["111122223333", "444455556666", "777788889999"].map((account) => daysFor(retention, account))).toEqual([400, 30, 30]);
  expect(longestOf(retention)).toBe(400);
  expect(longestOf({ days: 90 })).toBe(90);
});

test.each([
  ["", "does not begin"],
  ["13", "does not begin"],
  ["3651", "does not begin"],
  ["1e3", "does not begin"],
  ["111122223333=400", "does not begin"],
  ["90,", "is no account"],
  ["90,1111=400", "1111=400 is no account"],
  ["90,111122223333=4000", "is no account"],
  ["90,111122223333=89", "111122223333=89 is less than the 90 days of all accounts"],
])("%j is refused", (text, why) => {
  expect(retentionOf(text)).toContain(why);
});
