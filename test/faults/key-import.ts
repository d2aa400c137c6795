import {
  CreateKeyCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  type ImportKeyMaterialCommandInput,
  type KeyMetadata,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { EXTERNAL, FOR_EVER, importInto, newMaterial } from "../kms/imported.ts";
import type { Act, Begun, Outcome, Stage } from "./act.ts";
import { type Cipher, encrypted, refusedToDecrypt, requireDecrypts } from "./ciphers.ts";
import { killedAtWork } from "./killed-at-work.ts";

const DAY = 86_400_000;
const NEW = { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" } as const;

const first: Act = {
  name: "the first import",
  async begin(stage) {
    const keyId = await newKey(stage);
    const material = newMaterial("SYMMETRIC_DEFAULT");
    return {
      perform: (stage) => brought(stage, keyId, material),
      async look(stage) {
        const { KeyState } = await described(stage, keyId);
        if (KeyState === "Enabled") await requireDecrypts(stage, [await encrypted(stage, keyId)]);
        return doneIf("Enabled", "PendingImport", KeyState, stage, keyId);
      },
      lasts: true,
    };
  },
};

const removal: Act = {
  name: "DeleteImportedKeyMaterial",
  async begin(stage) {
    const { keyId, material, cipher } = await newSubject(stage);
    return {
      perform: (stage) => taken(stage, keyId),
      look: (stage) => gone(stage, keyId, cipher),
      // What was taken away can be brought again, whatever was in the way.
      end: (stage) => back(stage, keyId, material, cipher),
    };
  },
};

const again: Act = {
  name: "the import of the same again",
  async begin(stage) {
    const { keyId, material, cipher } = await newSubject(stage);
    await taken(stage, keyId);
    return {
      perform: (stage) => brought(stage, keyId, material),
      async look(stage) {
        const found = await gone(stage, keyId, cipher);
        return found === "done" ? "undone" : "done";
      },
      lasts: true,
    };
  },
};

const second: Act = {
  name: "the import of a second material",
  async begin(stage) {
    const { keyId, cipher } = await newSubject(stage);
    const material = newMaterial("SYMMETRIC_DEFAULT");
    return {
      perform: (stage) => brought(stage, keyId, material, NEW),
      async look(stage) {
        await requireDecrypts(stage, [cipher, await encrypted(stage, keyId)]);
        return (await materialsOf(stage, keyId)) === 2 ? "done" : "undone";
      },
      lasts: true,
    };
  },
};

const rotation: Act = {
  name: "the rotation to imported material",
  async begin(stage) {
    const { keyId, cipher } = await newSubject(stage);
    const current = (await described(stage, keyId)).CurrentKeyMaterialId;
    await brought(stage, keyId, newMaterial("SYMMETRIC_DEFAULT"), NEW);
    return {
      perform: (stage) => stage.does("RotateKeyOnDemand", (client) => client.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))),
      async look(stage) {
        await requireDecrypts(stage, [cipher, await encrypted(stage, keyId)]);
        if ((await materialsOf(stage, keyId)) !== 2) stage.wrong(`${keyId} has lost one of its two materials.`);
        return (await described(stage, keyId)).CurrentKeyMaterialId === current ? "undone" : "done";
      },
      lasts: true,
    };
  },
};

const expiry: Act = {
  name: "the expiry",
  days: 2,
  async begin(stage): Promise<Begun> {
    const ValidTo = new Date(stage.now().getTime() + DAY);
    const { keyId, material, cipher } = await newSubject(stage, { ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo });
    return {
      // Expired is gone, whether a timer has come by or not.
      look: (stage) => gone(stage, keyId, cipher),
      end: (stage) => back(stage, keyId, material, cipher),
    };
  },
};

/** Material is brought, taken away, brought again and expires, by a server that is killed at any point of it. */
export const keyImport = killedAtWork("key-import", [first, removal, again, second, rotation, expiry]);

async function newKey(stage: Stage): Promise<string> {
  const { KeyMetadata } = await stage.does("CreateKey", (client) =>
    client.send(new CreateKeyCommand({ ...EXTERNAL, Description: stage.name })),
  );
  return KeyMetadata?.KeyId ?? "";
}

/** A key with one imported material, and what is encrypted under that. */
async function newSubject(stage: Stage, options: Partial<ImportKeyMaterialCommandInput> = FOR_EVER) {
  const keyId = await newKey(stage);
  const material = newMaterial("SYMMETRIC_DEFAULT");
  await brought(stage, keyId, material, options);
  return { keyId, material, cipher: await encrypted(stage, keyId) };
}

const brought = (stage: Stage, keyId: string, material: Uint8Array, options: Partial<ImportKeyMaterialCommandInput> = FOR_EVER) =>
  stage.does("ImportKeyMaterial", (client) => importInto(client, keyId, material, options));

const taken = (stage: Stage, KeyId: string) =>
  stage.does("DeleteImportedKeyMaterial", (client) => client.send(new DeleteImportedKeyMaterialCommand({ KeyId })));

async function described(stage: Stage, KeyId: string): Promise<Partial<KeyMetadata>> {
  const { KeyMetadata = {} } = await stage.asks("DescribeKey", (client) => client.send(new DescribeKeyCommand({ KeyId })));
  return KeyMetadata;
}

/** The material is gone, and the key waits for it; or nothing has happened. */
async function gone(stage: Stage, keyId: string, cipher: Cipher): Promise<Outcome> {
  const { KeyState } = await described(stage, keyId);
  if (KeyState === "Enabled") await requireDecrypts(stage, [cipher, await encrypted(stage, keyId)]);
  else if ((await refusedToDecrypt(stage, cipher)) !== "KMSInvalidStateException")
    stage.wrong(`${keyId} is ${KeyState}, and what is encrypted under it is not refused as that.`);
  return doneIf("PendingImport", "Enabled", KeyState, stage, keyId);
}

function doneIf(done: string, undone: string, state: string | undefined, { wrong }: Stage, keyId: string): Outcome {
  if (state !== done && state !== undone) wrong(`${keyId} is ${state}, and not ${done} or ${undone}.`);
  return state === done ? "done" : "undone";
}

async function back(stage: Stage, keyId: string, material: Uint8Array, cipher: Cipher): Promise<void> {
  await brought(stage, keyId, material);
  await requireDecrypts(stage, [cipher]);
}

/** With the one that waits for a rotation. */
async function materialsOf(stage: Stage, KeyId: string): Promise<number> {
  const { Rotations = [] } = await stage.asks("ListKeyRotations", (client) =>
    client.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" })),
  );
  return Rotations.length;
}
