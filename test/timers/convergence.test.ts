/**
 * Related keys whose Regions hear of each other late and in any order: whatever was done meanwhile, they agree in the end, nothing that was
 * encrypted is lost, and there is never more than one primary key.
 */
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { afterEach, describe, expect, it } from "vitest";
import type { Key } from "#domain/key";
import { isPrimary } from "#domain/multi-region";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { type Host, openHost } from "#local/host";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { deletion, replication, rotation, runDue } from "#timers";
import { HOME, testRoot } from "../service.ts";
import { type Replicas, replicasOf } from "../store/replicas.ts";

const REGIONS = [HOME, "eu-west-1", "ap-south-1"];
const DAY = 86_400_000;

interface Place {
  readonly region: string;
  readonly host: Host;
  readonly client: KMSClient;
  readonly stop: () => Promise<void>;
}

let replicas: Replicas;
let places: readonly Place[] = [];
let now = new Date("2026-06-01T12:00:00Z");
const failures: string[] = [];

async function open(skew: (region: string) => number): Promise<void> {
  replicas = replicasOf(REGIONS, skew);
  const roots = testRoot();
  const made: Place[] = [];
  // One after the other: the first makes what they share.
  for (const region of REGIONS) {
    const operator = operatorLog("error", (line) => failures.push(line));
    const host = await openHost({
      ...{ database: replicas.in(region), roots, home: region, quotas: QUOTA_PROFILES.off, sandbox: true, operator },
      ...{ regions: [region], isRegion: (name: string) => REGIONS.includes(name), now: () => now },
    });
    const listening = await listen({ host: "127.0.0.1", port: 0, dispatch: host.dispatch, operator });
    const credentials = { accessKeyId: "111122223333", secretAccessKey: "any" };
    const client = new KMSClient({ endpoint: listening.url, region, credentials, maxAttempts: 1 });
    const stop = async () => {
      client.destroy();
      await listening.stop();
      await host.settle();
    };
    made.push({ region, host, client, stop });
  }
  places = made;
}

afterEach(async () => {
  for (const place of places) await place.stop();
  await replicas.close();
  expect(failures.splice(0)).toEqual([]);
});

/** Numbers that look random, and are the same for the same seed (a linear congruential generator). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const keyIn = async ({ host, region }: Place, id: string): Promise<Key | undefined> => (await host.region(region)).keys.get(id);
const at = (region: string): Place => places.find((place) => place.region === region) as Place;

async function timersOf({ host, region }: Place): Promise<void> {
  for (const timer of [rotation, deletion, replication]) await runDue(timer, host.timers, region);
}

/** Refusals are none of a failure: keys are in the middle of something. */
const tried = async (call: Promise<unknown>): Promise<boolean> => {
  try {
    await call;
    return true;
  } catch (cause) {
    const { name } = cause as Error;
    const refusals = ["AlreadyExists", "Disabled", "KMSInvalidState", "NotFound", "UnsupportedOperation", "Conflict", "LimitExceeded"];
    if (refusals.some((refusal) => name === `${refusal}Exception`)) return false;
    throw cause;
  }
};

/** Everything arrives, and everybody looks at it until nothing is left to do. */
async function settle(): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    while (replicas.pending() > 0) await replicas.deliver(() => 0);
    for (const place of places) {
      await timersOf(place);
      await place.host.settle();
    }
    if (replicas.pending() === 0 && round > 3) return;
  }
  throw new Error("The Regions go on telling each other something.");
}

async function story(seed: number, steps: number): Promise<void> {
  const next = numbersFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  const { KeyMetadata } = await at(HOME).client.send(new CreateKeyCommand({ MultiRegion: true }));
  const KeyId = KeyMetadata?.KeyId ?? "";
  const ciphertexts: Uint8Array[] = [];

  const does: (() => Promise<unknown>)[] = [
    () => tried(pick(places).client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: pick(REGIONS) }))),
    () => tried(pick(places).client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: pick(REGIONS) }))),
    () => tried(pick(places).client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: pick(REGIONS) }))),
    () => tried(pick(places).client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: pick(REGIONS) }))),
    () => tried(pick(places).client.send(new RotateKeyOnDemandCommand({ KeyId }))),
    () => tried(pick(places).client.send(next(3) === 0 ? new DisableKeyCommand({ KeyId }) : new EnableKeyCommand({ KeyId }))),
    async () => {
      const place = pick(places);
      const key = await keyIn(place, KeyId);
      if (key && !isPrimary(key)) await tried(place.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })));
    },
    async () => {
      now = new Date(now.getTime() + pick([0, 0, 8]) * DAY);
    },
    async () => {
      const Plaintext = Buffer.from(`${ciphertexts.length}`);
      await tried(
        pick(places)
          .client.send(new EncryptCommand({ KeyId, Plaintext }))
          .then(({ CiphertextBlob }) => ciphertexts.push(CiphertextBlob as Uint8Array)),
      );
    },
    () => timersOf(pick(places)),
    async () => {
      for (let count = next(6); count > 0; count -= 1) await replicas.deliver(next);
    },
    async () => {
      for (let count = next(6); count > 0; count -= 1) await replicas.deliver(next);
    },
  ];

  for (let step = 0; step < steps; step += 1) {
    await pick(does)();
    for (const { host } of places) await host.settle();
    const keys = await Promise.all(places.map((place) => keyIn(place, KeyId)));
    const primaries = keys.filter((key) => key && isPrimary(key)).map((key) => key?.region);
    expect(primaries.length, `of seed ${seed}, after step ${step}: ${primaries}`).toBeLessThanOrEqual(1);
  }
  await settle();
  await requireAgreement(KeyId, ciphertexts, seed);
}

async function requireAgreement(KeyId: string, ciphertexts: readonly Uint8Array[], seed: number): Promise<void> {
  const keys = (await Promise.all(places.map((place) => keyIn(place, KeyId)))).filter((key) => key !== undefined);
  const said = keys.map(({ region, multiRegion, materials, pending, imposed, rotation }) => ({
    primary: multiRegion?.primary,
    replicas: multiRegion?.replicas,
    epoch: multiRegion?.epoch,
    materials: materials.map(({ id }) => id),
    pending,
    // Who became primary on its way out waits for its replicas.
    imposed: multiRegion?.primary === region && imposed === "PendingReplicaDeletion" ? undefined : imposed,
    rotation,
  }));
  for (const one of said) expect(one, `of seed ${seed}`).toEqual(said[0]);
  const [first] = keys;
  const { primary, replicas: others = [] } = first?.multiRegion ?? {};
  expect([primary, ...others.map(({ region }) => region)].sort(), `of seed ${seed}`).toEqual(keys.map(({ region }) => region).sort());
  expect(said[0]).toMatchObject({ pending: undefined, imposed: undefined });
  for (const { region } of keys) {
    const { client } = at(region);
    await tried(client.send(new EnableKeyCommand({ KeyId })));
    for (const [number, CiphertextBlob] of ciphertexts.entries()) {
      const told = await client.send(new DecryptCommand({ CiphertextBlob })).catch((cause: Error) => cause);
      if (told instanceof Error) expect(told.message, `of seed ${seed}`).toMatch(/pending (replica )?deletion/);
      else expect(Buffer.from(told.Plaintext ?? []).toString()).toBe(`${number}`);
    }
  }
}

describe("Regions that hear of each other late, and in any order", () => {
  it.each(Array.from({ length: Number(process.env["TRENT_STORIES"] ?? 12) }, (_, number) => number + 1))(
    "agree in the end: story %d",
    async (seed) => {
      await open((region) => (seed % 3 === 0 ? REGIONS.indexOf(region) * 5 : 0));
      await story(seed, 60);
    },
  );

  it("keep a leader when a replica that was cut off is deleted while it is made the primary key", async () => {
    await open(() => 0);
    const [home, cutOff] = [at(HOME), at("eu-west-1")];
    const { KeyMetadata } = await home.client.send(new CreateKeyCommand({ MultiRegion: true }));
    const KeyId = KeyMetadata?.KeyId ?? "";
    for (const ReplicaRegion of REGIONS.slice(1)) await home.client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }));
    await settle();
    const { CiphertextBlob } = await home.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("0") }));
    await cutOff.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await home.client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: cutOff.region }));
    now = new Date(now.getTime() + 8 * DAY);
    await timersOf(cutOff);
    expect(await keyIn(cutOff, KeyId)).toBeUndefined();
    await settle();
    expect((await keyIn(home, KeyId))?.multiRegion).toMatchObject({ primary: HOME, replicas: [{ region: "ap-south-1" }], epoch: 2 });
    await requireAgreement(KeyId, [CiphertextBlob as Uint8Array], 0);
  });
});
