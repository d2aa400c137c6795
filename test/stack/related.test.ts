/** Related keys of two deployed Regions, which learn of each other by the global table and the timers of both. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#store";
import { kmsAt } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";
import { openStore } from "./site.ts";
import { invoke } from "./stack.ts";

const { endpoint } = deployed();
const [HOME, OTHER] = REGIONS;
type Region = (typeof REGIONS)[number];
const kms = (region: Region) => kmsAt({ region });

let store: Database;
beforeAll(async () => {
  store = (await openStore()).database;
});
afterAll(() => store?.close());

/** Whoever ran a moment ago keeps the lease for most of the time until its rule fires again. */
async function release(region: string): Promise<void> {
  const table = store.table("keys", region);
  const held = await table.get({ pk: "TIMER#replication", sk: "LEASE" });
  if (held) await table.delete({ pk: held.pk, sk: held.sk }, held.version);
}

/** What a minute or two do. */
async function learned(): Promise<void> {
  for (const region of [HOME, OTHER, HOME, OTHER]) {
    await release(region);
    const report = await invoke(endpoint, region, "timer-replication", {});
    expect(report?.failed ?? 0).toBe(0);
  }
}

const shown = async (region: Region, KeyId: string) => (await kms(region).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
const typeIn = async (region: Region, KeyId: string) => (await shown(region, KeyId))?.MultiRegionConfiguration?.MultiRegionKeyType;
const encrypted = async (region: Region, KeyId: string) =>
  (await kms(region).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).CiphertextBlob;

async function expectInterchange(KeyId: string): Promise<void> {
  for (const [from, to] of [
    [HOME, OTHER],
    [OTHER, HOME],
  ] as const) {
    const { Plaintext = [] } = await kms(to).send(new DecryptCommand({ CiphertextBlob: await encrypted(from, KeyId) }));
    expect(Buffer.from(Plaintext).toString()).toBe("x");
  }
}

test("a key is replicated, rotated, promoted and deleted over two Regions", { timeout: 240_000 }, async () => {
  const KeyId = (await kms(HOME).send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? "";
  await kms(HOME).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: OTHER }));
  // It is known in its Region at once, whenever that takes it up.
  await expect.poll(async () => (await shown(OTHER, KeyId))?.KeyState, { timeout: 30_000 }).toMatch(/^(Creating|Enabled)$/);
  await learned();
  expect((await shown(OTHER, KeyId))?.KeyState).toBe("Enabled");
  await expectInterchange(KeyId);

  const material = (await shown(HOME, KeyId))?.CurrentKeyMaterialId;
  const before = await encrypted(HOME, KeyId);
  await kms(HOME).send(new RotateKeyOnDemandCommand({ KeyId }));
  await learned();
  await learned();
  for (const region of REGIONS) expect((await shown(region, KeyId))?.CurrentKeyMaterialId).not.toBe(material);
  expect((await shown(OTHER, KeyId))?.CurrentKeyMaterialId).toBe((await shown(HOME, KeyId))?.CurrentKeyMaterialId);
  await kms(OTHER).send(new DecryptCommand({ CiphertextBlob: before }));
  await expectInterchange(KeyId);

  await kms(HOME).send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: OTHER }));
  await learned();
  expect([await typeIn(HOME, KeyId), await typeIn(OTHER, KeyId)]).toEqual(["REPLICA", "PRIMARY"]);
  await expectInterchange(KeyId);

  const { KeyState } = await kms(OTHER).send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  expect(KeyState).toBe("PendingReplicaDeletion");
  await encrypted(HOME, KeyId);
  expect((await kms(HOME).send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))).KeyState).toBe("PendingDeletion");
});

test("keys are replicated to Regions that have a stack, and no others", async () => {
  const { KeyMetadata: key } = await kms(HOME).send(new CreateKeyCommand({ MultiRegion: true }));
  const elsewhere = kms(HOME).send(new ReplicateKeyCommand({ KeyId: key?.KeyId, ReplicaRegion: "ap-south-1" }));
  await expect(elsewhere).rejects.toMatchObject({ name: "UnsupportedOperationException" });
});
