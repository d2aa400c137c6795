/** The least that each operation takes. A new operation needs a line here, or every-operation.test.ts says so. */
import { CreateAliasCommand, CreateGrantCommand, type CreateKeyCommandInput, EncryptCommand } from "@aws-sdk/client-kms";
import { ADMINISTRATOR, type Kms, type TestKey } from "../kms/start.ts";
import { enablesIam, ROOT } from "./examples.ts";

/** What an input may be made of. */
export interface World {
  readonly kms: Kms;
  /** The key that an operation names, or that of its target of this name. */
  readonly keys: Readonly<Record<string, TestKey>> & { readonly key: TestKey };
}

export interface Trial {
  /** What its keys are made of; by default they are for symmetric encryption. */
  readonly kind?: CreateKeyCommandInput;
  /** What AWS asks for, if not the permission of the operation's name. */
  readonly permissions?: readonly string[];
  /** Makes what else the input names, as the administrator, and the input. What takes an encryption context is sent `CONTEXT`. */
  readonly input: (world: World) => object | Promise<object>;
}

export const CONTEXT = { tenant: "mine" };

const onKey: Trial = { input: ({ keys: { key } }) => ({ KeyId: key.arn }) };
const withKey = (rest: object): Trial => ({ input: ({ keys: { key } }) => ({ KeyId: key.arn, ...rest }) });
const onNothing = (input: object = {}): Trial => ({ input: () => input });

const aliasOf = async (kms: Kms, key: TestKey): Promise<string> => {
  const AliasName = kms.newName("alias/every");
  await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
  return AliasName;
};
const ciphertextOf = async (kms: Kms, { arn }: TestKey): Promise<Uint8Array | undefined> =>
  (await kms.client.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("a"), EncryptionContext: CONTEXT }))).CiphertextBlob;
const grantOn = async (kms: Kms, { arn }: TestKey): Promise<string | undefined> =>
  (await kms.client.send(new CreateGrantCommand({ KeyId: arn, GranteePrincipal: ROOT, Operations: ["Encrypt"] }))).GrantId;

export const TRIALS: Readonly<Record<string, Trial>> = {
  CancelKeyDeletion: {
    async input({ kms, keys: { key } }) {
      await kms.schedule(key.id);
      return { KeyId: key.arn };
    },
  },
  CreateAlias: { input: ({ kms, keys: { key } }) => ({ AliasName: kms.newName("alias/every"), TargetKeyId: key.arn }) },
  CreateGrant: withKey({ GranteePrincipal: ADMINISTRATOR, Operations: ["Encrypt"], Constraints: { EncryptionContextSubset: CONTEXT } }),
  CreateKey: { ...onNothing({ Tags: [{ TagKey: "a", TagValue: "1" }] }), permissions: ["kms:CreateKey", "kms:TagResource"] },
  Decrypt: {
    input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, CiphertextBlob: await ciphertextOf(kms, key), EncryptionContext: CONTEXT }),
  },
  DeleteAlias: { input: async ({ kms, keys: { key } }) => ({ AliasName: await aliasOf(kms, key) }) },
  DescribeKey: onKey,
  DisableKey: onKey,
  EnableKey: onKey,
  Encrypt: withKey({ Plaintext: Buffer.from("a"), EncryptionContext: CONTEXT }),
  GenerateDataKey: withKey({ KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  GenerateDataKeyWithoutPlaintext: withKey({ KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  GenerateRandom: onNothing({ NumberOfBytes: 1 }),
  GetKeyPolicy: onKey,
  GetKeyRotationStatus: onKey,
  ListAliases: onNothing(),
  ListGrants: onKey,
  ListKeyPolicies: onKey,
  ListKeys: onNothing(),
  ListResourceTags: onKey,
  ListRetirableGrants: onNothing({ RetiringPrincipal: ADMINISTRATOR }),
  PutKeyPolicy: withKey({ Policy: JSON.stringify({ Version: "2012-10-17", Statement: [enablesIam] }) }),
  ReEncrypt: {
    permissions: ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
    input: async ({ kms, keys: { source, destination } }) => ({
      SourceKeyId: source?.arn,
      DestinationKeyId: destination?.arn,
      CiphertextBlob: source && (await ciphertextOf(kms, source)),
      SourceEncryptionContext: CONTEXT,
      DestinationEncryptionContext: CONTEXT,
    }),
  },
  RetireGrant: { input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, GrantId: await grantOn(kms, key) }) },
  RevokeGrant: { input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, GrantId: await grantOn(kms, key) }) },
  ScheduleKeyDeletion: withKey({ PendingWindowInDays: 7 }),
  TagResource: withKey({ Tags: [{ TagKey: "a", TagValue: "1" }] }),
  UntagResource: withKey({ TagKeys: ["a"] }),
  UpdateAlias: {
    input: async ({ kms, keys: { key, current } }) => ({ AliasName: current && (await aliasOf(kms, current)), TargetKeyId: key.arn }),
  },
  UpdateKeyDescription: withKey({ Description: "another" }),
};
