import { ListKeysCommand } from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { kmsOfTheStack } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";

// Whoever tests on a stack of their own may have its KMS on: there, the header that every client here asks for is all that tells them apart.
test.skipIf(deployed().stack === "other")("the stack's own KMS is off: a call that misses the door is not answered by another KMS", async () => {
  await expect(kmsOfTheStack(REGIONS[0]).send(new ListKeysCommand({}))).rejects.toThrow(/not enabled|Unsupported service/);
});
