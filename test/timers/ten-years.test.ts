/** The life of a key: ten years that pass as fast as they can be done. */
import {
  CreateKeyCommand,
  DecryptCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { advance, type Timed } from "#local/clock";
import { timersOf } from "#local/scheduler";
import { type Service, startService } from "../service.ts";

const DAY = 86_400_000;
const BORN = new Date("2026-03-15T09:30:00.000Z");
const YEARS = 10;

let now = BORN;
const clock = {
  now: () => now,
  moveTo: (time: Date) => {
    now = time > now ? time : now;
  },
};
let service: Service;
beforeAll(async () => {
  service = await startService({ clock: () => now });
});
afterAll(() => service?.stop());

it("a key lives for ten years: it is rotated on the day, opens all that it ever encrypted, and when it is gone nothing opens", async () => {
  const kms = service.kms();
  const { timers, deps, regions } = timersOf(service.host).keys;
  const timed: Timed = { clock, timers, deps, regions };
  const until = (days: number) => advance(timed, (BORN.getTime() + days * DAY - now.getTime()) / 1000);

  const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  await kms.send(new EnableKeyRotationCommand({ KeyId }));
  const sealed: { readonly text: string; readonly blob: Uint8Array; readonly material: string }[] = [];
  async function encrypt(text: string): Promise<void> {
    const { CiphertextBlob: blob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(text) }));
    const { KeyMaterialId: material = "" } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
    sealed.push({ text, blob: blob as Uint8Array, material });
  }

  await encrypt("in its first hour");
  for (let year = 1; year <= YEARS; year += 1) {
    await until(year * 365 - 1);
    await encrypt(`the day before it is ${year}`);
    await until(year * 365 + 1);
    await encrypt(`the day after it was ${year}`);
    if (year === 5) {
      await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
      await encrypt("after the extra one");
    }
  }

  const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
  const automatic = Rotations.filter(({ RotationType }) => RotationType === "AUTOMATIC").map(({ RotationDate }) => RotationDate);
  expect(automatic).toEqual(Array.from({ length: YEARS }, (_, year) => new Date(BORN.getTime() + (year + 1) * 365 * DAY)));
  expect(Rotations).toHaveLength(YEARS + 1);
  // One more than there were rotations, each used from its own on.
  expect(new Set(sealed.map(({ material }) => material)).size).toBe(YEARS + 2);
  for (const { text, blob, material } of sealed) {
    const { Plaintext, KeyMaterialId } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
    expect([Buffer.from(Plaintext ?? []).toString(), KeyMaterialId]).toEqual([text, material]);
  }

  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 }));
  const refusals = () =>
    Promise.all(
      sealed.map(({ blob: CiphertextBlob }) =>
        kms.send(new DecryptCommand({ CiphertextBlob })).then(
          () => "opened",
          ({ name }: Error) => name,
        ),
      ),
    );
  expect(new Set(await refusals())).toEqual(new Set(["KMSInvalidStateException"]));
  await until(YEARS * 365 + 1 + 30);
  expect(new Set(await refusals())).toEqual(new Set(["AccessDeniedException"]));
  const rows = await service.database.table("keys", "us-east-1").query({ pk: `K#${KeyId}`, limit: 10 });
  expect(rows.rows).toEqual([]);

  const told = (await service.log()).map(({ record }) => record).filter(({ y }) => y === "AwsServiceEvent");
  expect(told.filter(({ e }) => e === "RotateKey")).toHaveLength(YEARS + 1);
  expect(told.filter(({ e }) => e === "DeleteKey")).toHaveLength(1);
});
