import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, allowing, keyItem, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const DAY = 86_400_000;
const enable = (client: KMSClient, KeyId: string, RotationPeriodInDays?: number) =>
  client.send(new EnableKeyRotationCommand({ KeyId, ...(RotationPeriodInDays !== undefined && { RotationPeriodInDays }) }));

describe("EnableKeyRotation", () => {
  const kms = startKms();
  const status = async (KeyId: string) => members(await kms.client.send(new GetKeyRotationStatusCommand({ KeyId })));
  const inDays = (days: number) => new Date(kms.now().getTime() + days * DAY);

  it.each([90, 365, 2560])("rotates the key every %i days, for the first time when they have passed", async (days) => {
    const key = await kms.key();
    expect(members(await enable(kms.client, key.id, days))).toEqual({});
    const on = { KeyId: key.arn, KeyRotationEnabled: true, RotationPeriodInDays: days, NextRotationDate: inDays(days) };
    expect(await status(key.id)).toEqual(on);
  });

  it("rotates it once a year unless it is told otherwise", async () => {
    const key = await kms.key();
    await enable(kms.client, key.id);
    expect(await status(key.id)).toMatchObject({ RotationPeriodInDays: 365, NextRotationDate: inDays(365) });
  });

  it("begins a new period when it is called again", async () => {
    const key = await kms.key();
    await enable(kms.client, key.id, 100);
    kms.advance({ days: 50 });
    await enable(kms.client, key.id, 200);
    expect(await status(key.id)).toMatchObject({ RotationPeriodInDays: 200, NextRotationDate: inDays(200) });
  });

  it("stays on while the key is disabled, and does not show while it is pending deletion", async () => {
    const key = await kms.key();
    await enable(kms.client, key.id, 90);
    const on = await status(key.id);
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    expect(await status(key.id)).toEqual(on);
    await kms.schedule(key.id);
    expect(await status(key.id)).toEqual({ KeyId: key.arn, KeyRotationEnabled: false });
    await kms.client.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    expect(await status(key.id)).toEqual(on);
  });

  it.each([
    [89, "greater than or equal to 90"],
    [2561, "less than or equal to 2560"],
  ])("refuses a period of %i days", async (days, rule) => {
    const key = await kms.key();
    expect(await kms.refused(enable(kms.client, key.id, days))).toBe(
      `ValidationException: 1 validation error detected: Value '${days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  it.each([
    ["RSA_2048", "SIGN_VERIFY"],
    ["ECC_NIST_P256", "KEY_AGREEMENT"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ] as const)("is not for keys that are never rotated: %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(enable(kms.client, key.id))).toBe("UnsupportedOperationException");
  });

  it("tells policies the period", async () => {
    const key = await kms.key();
    const user = await kms.someone([
      { ...allowing("kms:EnableKeyRotation", key.arn) },
      {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Deny", Action: "kms:*", Resource: "*", Condition: { NumericGreaterThan: { "kms:RotationPeriodInDays": "180" } } },
        ],
      },
    ]);
    await enable(user.client, key.id, 180);
    expect(await kms.refused(enable(user.client, key.id, 181))).toContain("AccessDeniedException");
    // What is not said is 365.
    expect(await kms.refused(enable(user.client, key.id))).toContain("AccessDeniedException");
  });

  it("leaves an intent, and a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await enable(kms.client, key.id, 90))).toEqual({
      event: "EnableKeyRotation",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, rotationPeriodInDays: 90 },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  itTakesIdsAndArns(kms, "kms:EnableKeyRotation", enable);
  itFollowsKeyStates(kms, enable, cryptographic);
  itNeedsPermission(kms, "kms:EnableKeyRotation", enable);
  itStaysInItsAccount(kms, "kms:EnableKeyRotation", enable);
  itRequires(kms, "keyId", (client) => client.send(new EnableKeyRotationCommand({} as never)));
});
