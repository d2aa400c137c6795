import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import type { Act, Stage } from "./act.ts";
import { type Cipher, encrypted, refusedToDecrypt, requireDecrypts } from "./ciphers.ts";
import { killedAtWork } from "./killed-at-work.ts";

const SHORTEST = 7;
const LONGEST = 30;
const HERE = { Enabled: "undone", PendingDeletion: "done" } as const;

const schedule: Act = {
  name: "ScheduleKeyDeletion",
  async begin(stage) {
    const subject = await newSubject(stage);
    return {
      perform: (stage) => stage.does("ScheduleKeyDeletion", scheduling(subject.keyId, LONGEST)),
      async look(stage) {
        const { KeyState = "", DeletionDate } = await described(stage, subject.keyId);
        const found = HERE[KeyState as keyof typeof HERE];
        if (found === undefined || (found === "done") !== (DeletionDate !== undefined))
          stage.wrong(`${subject.keyId} is ${KeyState}, to be deleted at ${DeletionDate}.`);
        if (found === "undone") await requireDecrypts(stage, [subject.cipher]);
        return found ?? "undone";
      },
      end: (stage) => saved(stage, subject.keyId),
    };
  },
};

const cancel: Act = {
  name: "CancelKeyDeletion",
  async begin(stage) {
    const subject = await newSubject(stage);
    await stage.does("ScheduleKeyDeletion", scheduling(subject.keyId, LONGEST));
    return {
      perform: (stage) => saved(stage, subject.keyId),
      async look(stage) {
        const { KeyState = "", DeletionDate } = await described(stage, subject.keyId);
        // Saved, and not yet enabled: these are two calls.
        if (KeyState === "PendingDeletion" || KeyState === "Disabled") return "undone";
        if (KeyState !== "Enabled" || DeletionDate) stage.wrong(`${subject.keyId} was saved, and is ${KeyState}.`);
        await requireDecrypts(stage, [subject.cipher, await encrypted(stage, subject.alias)]);
        return "done";
      },
      lasts: true,
    };
  },
};

const due: Act = {
  name: "the deletion",
  days: SHORTEST + 1,
  async begin(stage) {
    const subject = await newSubject(stage);
    const other = await newSubject({ ...stage, name: `${stage.name}-other` });
    await stage.does("ScheduleKeyDeletion", scheduling(subject.keyId, SHORTEST));
    return {
      async look(stage) {
        const { keyId, alias, cipher } = subject;
        // Due is gone, for whoever asks, whether a timer has come by or not.
        for (const KeyId of [keyId, alias]) {
          const error = await stage.refusal("DescribeKey", (client) => client.send(new DescribeKeyCommand({ KeyId })));
          if (error !== "NotFoundException") stage.wrong(`${KeyId} is deleted, and was answered ${error ?? "success"}.`);
        }
        if ((await refusedToDecrypt(stage, cipher)) === undefined) stage.wrong(`A ciphertext under ${keyId}, which is deleted, decrypts.`);
        // What is not due is untouched.
        await requireDecrypts(stage, [other.cipher, await encrypted(stage, other.alias)]);
        return (await isNameFree(stage, alias, other.keyId)) ? "done" : "undone";
      },
      lasts: true,
    };
  },
};

/** Keys go, and come back, by a server that is killed at any point of it: what is saved decrypts, and what is gone leaves nothing. */
export const keyDeletion = killedAtWork("key-deletion", [schedule, cancel, due]);

const scheduling = (KeyId: string, PendingWindowInDays: number) => (client: KMSClient) =>
  client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));

interface Subject {
  readonly keyId: string;
  readonly alias: string;
  readonly cipher: Cipher;
}

/** A key with two aliases and two grants. */
async function newSubject(stage: Stage): Promise<Subject> {
  const { KeyMetadata } = await stage.does("CreateKey", (client) => client.send(new CreateKeyCommand({ Description: stage.name })));
  const keyId = KeyMetadata?.KeyId ?? "";
  const cipher = await encrypted(stage, keyId);
  const alias = `alias/${stage.name}`;
  for (const AliasName of [alias, `${alias}-too`])
    await stage.does("CreateAlias", (client) => client.send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId })));
  for (const Name of ["one", "another"])
    await stage.does("CreateGrant", (client) =>
      client.send(
        new CreateGrantCommand({
          KeyId: keyId,
          GranteePrincipal: `arn:aws:iam::${stage.account}:root`,
          Operations: ["Decrypt"],
          Name,
        }),
      ),
    );
  return { keyId, alias, cipher };
}

async function described(stage: Stage, KeyId: string) {
  const { KeyMetadata = {} } = await stage.asks("DescribeKey", (client) => client.send(new DescribeKeyCommand({ KeyId })));
  return KeyMetadata as { readonly KeyState?: string; readonly DeletionDate?: Date };
}

async function saved(stage: Stage, KeyId: string): Promise<void> {
  if ((await described(stage, KeyId)).KeyState === "PendingDeletion")
    await stage.does("CancelKeyDeletion", (client) => client.send(new CancelKeyDeletionCommand({ KeyId })));
  await stage.does("EnableKey", (client) => client.send(new EnableKeyCommand({ KeyId })));
}

/** Whether the timer has come to its end: an alias that still points to what is gone is in the way of a new one. */
async function isNameFree(stage: Stage, alias: string, TargetKeyId: string): Promise<boolean> {
  const { Aliases = [] } = await stage.asks("ListAliases", (client) => client.send(new ListAliasesCommand({ KeyId: TargetKeyId })));
  if (Aliases.some(({ AliasName }) => AliasName === alias)) stage.wrong(`${alias} points to a key that it was not given to.`);
  const error = await stage.refusal("CreateAlias", (client) => client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId })));
  if (error === undefined) await stage.does("DeleteAlias", (client) => client.send(new DeleteAliasCommand({ AliasName: alias })));
  return error === undefined;
}
