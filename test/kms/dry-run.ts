/** DryRun, as tests that operations share. */
import type { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import type { Answered, Kms } from "./start.ts";

export const WOULD_HAVE_SUCCEEDED = "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";

/** @param action the permission on the key. */
export function itCanBeTried(
  kms: Kms,
  action: string,
  call: (client: KMSClient, keyId: string, rest: { DryRun: boolean }) => Promise<Answered>,
): void {
  describe("with DryRun", () => {
    it("says that the call would have succeeded, and answers nothing of it", async () => {
      const key = await kms.key();
      const { said, told } = await kms.refusal(call(kms.client, key.id, { DryRun: true }));
      expect(said).toBe(WOULD_HAVE_SUCCEEDED);
      expect(told).toMatchObject({
        error: said,
        parameters: { dryRun: true },
        resources: expect.arrayContaining([key.arn]),
        intents: [],
        changes: [],
      });
      expect(told.response).toBeUndefined();
    });

    it("answers the error that the call would have met", async () => {
      const [disabled, key, user] = [await kms.keyIn("Disabled"), await kms.key(), await kms.someone()];
      expect(await kms.refused(call(kms.client, disabled.id, { DryRun: true }))).toBe(`DisabledException: ${disabled.arn} is disabled.`);
      expect(await kms.refused(call(user.client, key.id, { DryRun: true }))).toContain(
        `is not authorized to perform: ${action} on resource: ${key.arn}`,
      );
    });

    it("false is as if it were not there", async () => {
      const key = await kms.key();
      expect((await call(kms.client, key.id, { DryRun: false })).$metadata.httpStatusCode).toBe(200);
    });
  });
}
