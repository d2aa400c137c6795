import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { usageOf } from "#operator/usage";
import { ACCOUNT, HOME } from "../service.ts";
import { OTHER, startAsked } from "./asked.ts";

const HOUR = 3_600_000;
let service: Awaited<ReturnType<typeof startAsked>>;
let now = new Date("2026-06-10T00:00:00.000Z");
beforeAll(async () => {
  service = await startAsked(() => now);
});
afterAll(() => service.stop());

const usage = (account = ACCOUNT, month = "2026-06") => usageOf(service.deps, month, account);
const pass = (hours: number): void => {
  now = new Date(now.getTime() + hours * HOUR);
};

it("is the calls of the account, and the hours of its keys, until their deletion is scheduled for good", async () => {
  const kms = service.kms();
  const key = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
  const [kept, doomed, saved] = [await key(), await key(), await key()];
  await kms.send(new EncryptCommand({ KeyId: kept, Plaintext: Buffer.from("a") }));
  await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/none" }))).rejects.toThrow();
  pass(10);
  for (const KeyId of [doomed, saved]) await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  pass(10);
  await kms.send(new CancelKeyDeletionCommand({ KeyId: saved }));
  pass(10);
  expect(await usage()).toEqual({ region: HOME, calls: { requests: 8 }, keyHours: 30 + 10 + 30, rotationHours: 0 });
  expect(await usage(OTHER)).toEqual({ region: HOME, calls: {}, keyHours: 0, rotationHours: 0 });
});

it("of a key that is gone is what the log says of its life", async () => {
  const before = (await usage()).keyHours;
  const kms = service.kms();
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  pass(5);
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
  const { keys } = (await service.host.region(HOME)).stores({ keys: "write" }, async () => undefined) as never as {
    keys: { get(id?: string): Promise<never>; remove(key: never): Promise<void> };
  };
  await keys.remove(await keys.get(KeyMetadata?.KeyId));
  // Two keys were there all the time.
  expect((await usage()).keyHours - before).toBe(5 + 2 * 5);
});

it("is refused of what is no month", async () => {
  await expect(usage(ACCOUNT, "June")).rejects.toThrow("June is not a month: give one as 2026-01.");
});
