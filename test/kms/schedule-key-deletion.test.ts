import {
  CreateAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
  type ScheduleKeyDeletionCommandInput,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, startKms } from "./start.ts";
import { itFollowsKeyStates, notPendingDeletion } from "./states.ts";

const DAY = 86_400_000;
const schedule = (client: KMSClient, KeyId: string, rest: Partial<ScheduleKeyDeletionCommandInput> = {}) =>
  client.send(new ScheduleKeyDeletionCommand({ KeyId, ...rest }));

describe("ScheduleKeyDeletion", () => {
  const kms = startKms();
  const inDays = (days: number) => new Date(kms.now().getTime() + days * DAY);
  const describeKey = (KeyId: string) => kms.client.send(new DescribeKeyCommand({ KeyId }));

  it.each([[7], [15], [30]])("starts a waiting period of %i days", async (days) => {
    const key = await kms.key();
    expect(members(await schedule(kms.client, key.id, { PendingWindowInDays: days }))).toEqual({
      KeyId: key.arn,
      DeletionDate: inDays(days),
      KeyState: "PendingDeletion",
      PendingWindowInDays: days,
    });
  });

  it("waits for 30 days unless it is told otherwise", async () => {
    const key = await kms.key();
    expect(await schedule(kms.client, key.id)).toMatchObject({ DeletionDate: inDays(30), PendingWindowInDays: 30 });
  });

  it("leaves an intent, and a record with the date", async () => {
    const key = await kms.key();
    expect(await kms.told(await schedule(kms.client, key.id, { PendingWindowInDays: 7 }))).toEqual({
      event: "ScheduleKeyDeletion",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, pendingWindowInDays: 7 },
      response: { keyId: key.arn, keyState: "PendingDeletion", deletionDate: inDays(7).getTime(), pendingWindowInDays: 7 },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  it("keeps the key until the very end of the period, and not a moment longer", async () => {
    const key = await kms.key();
    await schedule(kms.client, key.id, { PendingWindowInDays: 7 });
    kms.advance({ days: 7, ms: -1 });
    expect((await describeKey(key.id)).KeyMetadata).toMatchObject({ KeyState: "PendingDeletion", Enabled: false });
    expect(await kms.refused(kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") })))).toBe(
      `KMSInvalidStateException: ${key.arn} is pending deletion.`,
    );
    kms.advance({ ms: 1 });
    const gone = `NotFoundException: Key '${key.arn}' does not exist`;
    expect(await kms.refused(describeKey(key.id))).toBe(gone);
    expect(await kms.refused(kms.client.send(new GetKeyPolicyCommand({ KeyId: key.id })))).toBe(gone);
  });

  it("keeps the aliases of the key while it waits", async () => {
    const key = await kms.key();
    await kms.client.send(new CreateAliasCommand({ AliasName: "alias/waiting", TargetKeyId: key.id }));
    await schedule(kms.client, key.id, { PendingWindowInDays: 7 });
    const { Aliases } = await kms.client.send(new ListAliasesCommand({ KeyId: key.id }));
    expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(["alias/waiting"]);
    expect((await describeKey("alias/waiting")).KeyMetadata?.KeyId).toBe(key.id);
  });

  it("takes a disabled key", async () => {
    const key = await kms.keyIn("Disabled");
    expect((await schedule(kms.client, key.id)).KeyState).toBe("PendingDeletion");
  });

  it.each([1, 6, 31, 365])("refuses a period of %i days", async (PendingWindowInDays) => {
    const key = await kms.key();
    expect(await kms.refused(schedule(kms.client, key.id, { PendingWindowInDays }))).toBe(
      "ValidationException: PendingWindowInDays must be between 7 and 30",
    );
    expect((await describeKey(key.id)).KeyMetadata?.KeyState).toBe("Enabled");
  });

  it.each([
    [0, "greater than or equal to 1"],
    [366, "less than or equal to 365"],
  ])("refuses a period of %i days by the model's limit", async (PendingWindowInDays, rule) => {
    const key = await kms.key();
    expect(await kms.refused(schedule(kms.client, key.id, { PendingWindowInDays }))).toBe(
      `ValidationException: 1 validation error detected: Value '${PendingWindowInDays}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  itTakesIdsAndArns(kms, "kms:ScheduleKeyDeletion", schedule);
  itFollowsKeyStates(kms, schedule, notPendingDeletion);
  itNeedsPermission(kms, "kms:ScheduleKeyDeletion", schedule);
  itStaysInItsAccount(kms, "kms:ScheduleKeyDeletion", schedule);
  itRequires(kms, "keyId", (client) => client.send(new ScheduleKeyDeletionCommand({} as never)));
});
