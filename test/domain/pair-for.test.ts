import { expect, test } from "vitest";
import { pairFor } from "#domain/pair-for";

test("whoever asks for many RSA pairs waits behind others, and is refused when too many wait", { timeout: 120_000 }, async () => {
  const made: string[] = [];
  const pair = async (account: string) => {
    await pairFor(account, "RSA_2048");
    made.push(account);
  };
  const many = Array.from({ length: 40 }, () => pair("111122223333"));
  const other = pair("444455556666");
  const outcomes = await Promise.allSettled(many);
  await other;
  expect(made.indexOf("444455556666")).toBeLessThanOrEqual(2);
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []));
  // One is being made while 32 wait.
  expect(refused).toEqual(Array(7).fill("DependencyTimeoutException"));
  await pairFor("111122223333", "RSA_2048");
});
