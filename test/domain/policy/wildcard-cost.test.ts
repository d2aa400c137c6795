/** What a pattern costs, whoever writes it. */
import { expect, test } from "vitest";
import { wildcard } from "#domain/policy/wildcard";

test.each([
  ["a*a*a*…b", "a*".repeat(2000).concat("b"), "a".repeat(4000)],
  ["*a*a*…*b", "*a".repeat(2000).concat("*b"), "a".repeat(4000)],
  ["?*?*…b", "?*".repeat(2000).concat("b"), "a".repeat(4000)],
  ["many stars", "*".repeat(30_000).concat("b"), "a".repeat(4000)],
  ["*aaa…ab*", `*${"a".repeat(300)}b*`, "a".repeat(2048)],
  ["*a?a?…b*, of 28 kB", `*${"a?".repeat(14_000)}b*`.replace("a", ""), "a".repeat(8192)],
  ["*a?a?…b*", `*${"a?".repeat(1000)}b*`, "a".repeat(8192)],
])("does not explode on %s", (_, pattern, text) => {
  const matches = wildcard(pattern);
  const start = process.threadCpuUsage();
  expect(matches(text)).toBe(false);
  expect(process.threadCpuUsage(start).user).toBeLessThan(50_000);
});

test("a text twice as long costs about twice as much on a*a*a*…b", () => {
  const cost = (length: number) => {
    const matches = wildcard("a*".repeat(length / 2).concat("b"));
    const text = "a".repeat(length);
    const rounds = Array.from({ length: 15 }, () => {
      const start = process.hrtime.bigint();
      for (let i = 0; i < 5; i += 1) matches(text);
      return Number(process.hrtime.bigint() - start);
    });
    return Math.min(...rounds);
  };
  cost(4000);
  expect(cost(64_000) / cost(8000)).toBeLessThan(24);
});
