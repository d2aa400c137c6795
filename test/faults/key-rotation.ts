import {
  CreateKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import type { Act, Outcome, Stage } from "./act.ts";
import { type Cipher, encrypted, requireDecrypts } from "./ciphers.ts";
import { killedAtWork } from "./killed-at-work.ts";

const PERIOD = 90;

/** Keys are rotated, by hand and by themselves, by a server that is killed at any point of it: what was encrypted before decrypts ever after. */
const onDemand: Act = {
  name: "RotateKeyOnDemand",
  async begin(stage) {
    const keyId = await newKey(stage);
    const before = [await encrypted(stage, keyId)];
    return {
      perform: (stage) => stage.does("RotateKeyOnDemand", (client) => client.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))),
      look: (stage) => rotatedOnce(stage, keyId, before, "ON_DEMAND"),
      lasts: true,
    };
  },
};

const scheduled: Act = {
  name: "EnableKeyRotation",
  async begin(stage) {
    const KeyId = await newKey(stage);
    const before = [await encrypted(stage, KeyId)];
    return {
      perform: (stage) => stage.does("EnableKeyRotation", enabling(KeyId)),
      async look(stage) {
        await requireDecrypts(stage, before);
        const { KeyRotationEnabled, RotationPeriodInDays: period } = await statusOf(stage, KeyId);
        if (KeyRotationEnabled && period !== PERIOD) stage.wrong(`${KeyId} was to be rotated every ${PERIOD} days, not every ${period}.`);
        return KeyRotationEnabled ? "done" : "undone";
      },
      end: (stage) => stage.does("DisableKeyRotation", disabling(KeyId)),
    };
  },
};

const unscheduled: Act = {
  name: "DisableKeyRotation",
  async begin(stage) {
    const KeyId = await newKey(stage);
    await stage.does("EnableKeyRotation", enabling(KeyId));
    return {
      perform: (stage) => stage.does("DisableKeyRotation", disabling(KeyId)),
      look: async (stage) => ((await statusOf(stage, KeyId)).KeyRotationEnabled ? "undone" : "done"),
      lasts: true,
    };
  },
};

const automatic: Act = {
  name: "the automatic rotation",
  days: PERIOD + 1,
  async begin(stage) {
    const KeyId = await newKey(stage);
    const before = [await encrypted(stage, KeyId)];
    await stage.does("EnableKeyRotation", enabling(KeyId));
    return {
      look: (stage) => rotatedOnce(stage, KeyId, before, "AUTOMATIC"),
      end: (stage) => stage.does("DisableKeyRotation", disabling(KeyId)),
    };
  },
};

export const keyRotation = killedAtWork("key-rotation", [onDemand, scheduled, unscheduled, automatic]);

const enabling = (KeyId: string) => (client: KMSClient) =>
  client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: PERIOD }));
const disabling = (KeyId: string) => (client: KMSClient) => client.send(new DisableKeyRotationCommand({ KeyId }));

async function newKey(stage: Stage): Promise<string> {
  const { KeyMetadata } = await stage.does("CreateKey", (client) => client.send(new CreateKeyCommand({ Description: stage.name })));
  return KeyMetadata?.KeyId ?? "";
}

const statusOf = (stage: Stage, KeyId: string) =>
  stage.asks("GetKeyRotationStatus", (client) => client.send(new GetKeyRotationStatusCommand({ KeyId })));

/** Never twice, however often it was tried. */
async function rotatedOnce(stage: Stage, KeyId: string, before: readonly Cipher[], type: string): Promise<Outcome> {
  const { Rotations = [] } = await stage.asks("ListKeyRotations", (client) => client.send(new ListKeyRotationsCommand({ KeyId })));
  await requireDecrypts(stage, [...before, await encrypted(stage, KeyId)]);
  if (Rotations.length > 1) stage.wrong(`${KeyId} was rotated ${Rotations.length} times instead of once.`);
  const [rotation] = Rotations;
  if (rotation && rotation.RotationType !== type) stage.wrong(`${KeyId} was rotated ${rotation.RotationType}, which nobody asked for.`);
  return rotation ? "done" : "undone";
}
