import { expect, test } from "vitest";
import { call } from "../pipeline/signed-request.ts";
import { deployed } from "./deployment.ts";

const { administrator, endpoint, stack } = deployed();

// Whoever tests on a stack of their own may have its KMS on: there, the header that every client here asks for is all that tells them apart.
test.skipIf(stack === "other")("the stack's own KMS is off: a call that misses the door is not answered by another KMS", async () => {
  const { status, text } = await call({ url: endpoint, administrator }, "ListKeys", {});
  expect(status).toBeGreaterThanOrEqual(400);
  expect(text).toMatch(/Service 'kms' is not enabled|Unsupported service: kms/);
});
