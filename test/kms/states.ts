/** Key states, as tests that operations share. */
import { describe, expect, it } from "vitest";
import type { OnKey } from "./identifiers.ts";
import type { Kms } from "./start.ts";

export const works = "works";

/** What an operation answers in each state: that it works, or the refusal, with `<arn>` for the key's. */
export interface StateRow {
  readonly Enabled: string;
  readonly Disabled: string;
  readonly PendingDeletion: string;
}

/** A row of the table of key states. When the waiting period is over, the key does not exist. */
export function itFollowsKeyStates(kms: Kms, call: OnKey, row: StateRow): void {
  describe("in the state of its key", () => {
    it.each(Object.keys(row) as (keyof StateRow)[])("%s", async (state) => {
      const key = await kms.keyIn(state);
      if (row[state] === works) expect((await call(kms.client, key.id)).$metadata.httpStatusCode).toBe(200);
      else {
        const { said, told } = await kms.refusal(call(kms.client, key.id));
        expect(said).toBe(row[state].replaceAll("<arn>", key.arn));
        expect(told).toMatchObject({ resources: expect.arrayContaining([key.arn]), error: said, intents: [], changes: [] });
      }
    });

    it("deletion date passed: the key does not exist", async () => {
      const key = await kms.keyIn("Gone");
      const text = `NotFoundException: Key '${key.arn}' does not exist`;
      expect(await kms.refused(call(kms.client, key.id))).toBe(text);
      expect(await kms.refused(call(kms.client, key.arn))).toBe(text);
    });
  });
}

/** The row of the cryptographic operations. */
export const cryptographic: StateRow = {
  Enabled: works,
  Disabled: "DisabledException: <arn> is disabled.",
  PendingDeletion: "KMSInvalidStateException: <arn> is pending deletion.",
};

/** The row of the changes that a key on its way out does not take. */
export const notPendingDeletion: StateRow = {
  Enabled: works,
  Disabled: works,
  PendingDeletion: "KMSInvalidStateException: <arn> is pending deletion.",
};

/** The row of the operations that only look. */
export const always: StateRow = { Enabled: works, Disabled: works, PendingDeletion: works };
