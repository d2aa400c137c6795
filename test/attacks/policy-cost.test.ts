/** A policy that is made to be slow to read: whoever may put one holds up nobody else. */
import { expect, test } from "vitest";
import { policyOf, startKms } from "../kms/start.ts";

const kms = startKms();

test("PutKeyPolicy answers at once, with a long run of equal signs where Base64 is compared", async () => {
  const key = await kms.key();
  const Condition = { BinaryEquals: { "kms:EncryptionContext:a": `${"=".repeat(29_000)}x` } };
  const statement = { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*", Condition };
  const body = { KeyId: key.id, Policy: JSON.stringify(policyOf(statement)), BypassPolicyLockoutSafetyCheck: true };
  const { status } = await kms.raw("PutKeyPolicy", body);
  const start = process.cpuUsage();
  expect((await kms.raw("PutKeyPolicy", body)).status).toBe(status);
  expect(process.cpuUsage(start).user).toBeLessThan(250_000);
});
