import {
  CreateKeyCommand,
  DescribeKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import type { Act, Outcome, Stage } from "./act.ts";
import { encrypted, requireDecrypts } from "./ciphers.ts";
import { killedAtWork } from "./killed-at-work.ts";

const THERE = "eu-west-1";
const DAYS = 7;
/** Longer than the Regions of one process take to learn of each other. */
const SOON_MS = 10_000;

/** Keys go to another Region, are rotated, move and leave there, by a server that is killed at any point of it: related keys agree in the end. */
const replicated: Act = {
  name: "ReplicateKey",
  spreads: true,
  async begin(stage) {
    const KeyId = await newKey(stage);
    return {
      async perform(stage) {
        await stage.does("ReplicateKey", replicating(KeyId));
        await made(stage, KeyId);
      },
      async look(stage) {
        if (replicasOf(await shown(stage, KeyId)) === 0) return "undone";
        await requireAgreement(stage, KeyId);
        return "done";
      },
      lasts: true,
    };
  },
};

const promoted: Act = {
  name: "UpdatePrimaryRegion",
  spreads: true,
  async begin(stage) {
    const KeyId = await relatedKey(stage);
    return {
      async perform(stage) {
        await stage.does("UpdatePrimaryRegion", (client) => client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: THERE })));
        await until(async () => primaryOf(await shown(stage.in(THERE), KeyId)) === THERE);
      },
      async look(stage): Promise<Outcome> {
        await requireAgreement(stage, KeyId);
        return primaryOf(await shown(stage, KeyId)) === THERE ? "done" : "undone";
      },
      lasts: true,
    };
  },
};

const rotated: Act = {
  name: "RotateKeyOnDemand of related keys",
  spreads: true,
  async begin(stage) {
    const KeyId = await relatedKey(stage);
    const [before, { CurrentKeyMaterialId: material }] = [await encrypted(stage, KeyId), await shown(stage, KeyId)];
    return {
      async perform(stage) {
        await stage.does("RotateKeyOnDemand", (client) => client.send(new RotateKeyOnDemandCommand({ KeyId })));
        await until(async () => (await shown(stage.in(THERE), KeyId)).CurrentKeyMaterialId !== material);
      },
      async look(stage) {
        await requireAgreement(stage, KeyId);
        for (const place of [stage, stage.in(THERE)]) await requireDecrypts(place, [before]);
        return (await shown(stage, KeyId)).CurrentKeyMaterialId === material ? "undone" : "done";
      },
      lasts: true,
    };
  },
};

const left: Act = {
  name: "the deletion of a replica",
  spreads: true,
  days: DAYS + 1,
  async begin(stage) {
    const KeyId = await relatedKey(stage);
    const there = stage.in(THERE);
    await there.does("ScheduleKeyDeletion", (client) => client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: DAYS })));
    return {
      async look(stage) {
        const refused = await stage.in(THERE).refusal("DescribeKey", (client) => client.send(new DescribeKeyCommand({ KeyId })));
        if (refused !== "NotFoundException") stage.wrong(`${KeyId} is in ${THERE} after its waiting period: ${refused}.`);
        await requireDecrypts(stage, [await encrypted(stage, KeyId)]);
        return replicasOf(await shown(stage, KeyId)) === 0 ? "done" : "undone";
      },
      lasts: true,
    };
  },
};

export const keyReplication = killedAtWork("key-replication", [replicated, promoted, rotated, left]);

const replicating = (KeyId: string) => (client: KMSClient) => client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: THERE }));
const replicasOf = ({ MultiRegionConfiguration: related }: KeyMetadata): number => related?.ReplicaKeys?.length ?? 0;
const primaryOf = ({ MultiRegionConfiguration: related }: KeyMetadata) => related?.PrimaryKey?.Region;

async function newKey(stage: Stage): Promise<string> {
  const { KeyMetadata } = await stage.does("CreateKey", (client) => client.send(new CreateKeyCommand({ MultiRegion: true })));
  return KeyMetadata?.KeyId ?? "";
}

async function relatedKey(stage: Stage): Promise<string> {
  const KeyId = await newKey(stage);
  await stage.does("ReplicateKey", replicating(KeyId));
  await made(stage, KeyId);
  return KeyId;
}

async function shown(stage: Stage, KeyId: string): Promise<KeyMetadata> {
  const { KeyMetadata } = await stage.asks("DescribeKey", (client) => client.send(new DescribeKeyCommand({ KeyId })));
  return KeyMetadata as KeyMetadata;
}

const made = (stage: Stage, KeyId: string): Promise<boolean> =>
  until(async () => (await shown(stage.in(THERE), KeyId)).KeyState === "Enabled");

/** Whether it came to hold. */
async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + SOON_MS; Date.now() < end; ) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Both keys are there, say the same of each other, and decrypt what the other one encrypts. */
async function requireAgreement(stage: Stage, KeyId: string): Promise<void> {
  const there = stage.in(THERE);
  const said = async (place: Stage) => {
    const { KeyState, CurrentKeyMaterialId, MultiRegionConfiguration: related } = await shown(place, KeyId);
    return JSON.stringify([KeyState, CurrentKeyMaterialId, related?.PrimaryKey, related?.ReplicaKeys]);
  };
  if (!(await until(async () => (await said(stage)) === (await said(there)))))
    stage.wrong(`${KeyId} is ${await said(stage)} in one Region, and ${await said(there)} in the other.`);
  if ((await shown(stage, KeyId)).KeyState !== "Enabled") stage.wrong(`${KeyId} is not enabled.`);
  await requireDecrypts(there, [await encrypted(stage, KeyId)]);
  await requireDecrypts(stage, [await encrypted(there, KeyId)]);
}
