import { expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { evaluate } from "#domain/policy/evaluate";
import { allow, CONDITION, OWN, requestOf } from "./cast.ts";

/** CPU time of one decision in microseconds, of the fastest of many rounds. */
function cost(statements: number): number {
  const others = Array.from({ length: statements - 1 }, (_, index) =>
    allow(["kms:Encrypt", "kms:Decrypt"], undefined, { Resource: `arn:aws:kms:*:${OWN}:key/${index}*`, ...CONDITION }),
  );
  const keyPolicy = compilePolicy(defaultKeyPolicy(OWN, "aws"), "key");
  const request = requestOf({
    identity: [...others, allow("kms:*", undefined, CONDITION)],
    says: { "aws:SecureTransport": "true" },
    more: { keyPolicy },
  });
  const rounds = Array.from({ length: 60 }, () => {
    const start = process.threadCpuUsage();
    for (let i = 0; i < 500; i += 1) if (!evaluate(request).allowed) throw new Error("refused");
    return process.threadCpuUsage(start).user / 500;
  });
  return Math.min(...rounds);
}

test("a default key policy and three statements are decided within 10 µs, twenty within 20", () => {
  expect(cost(3)).toBeLessThan(10);
  expect(cost(20)).toBeLessThan(20);
});
