/** The least that each operation takes. A new operation needs a line here, or every-operation.test.ts says so. */
import {
  CreateAliasCommand,
  CreateGrantCommand,
  type CreateKeyCommandInput,
  EncapsulateCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { EXTERNAL, FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { ADMINISTRATOR, type Kms, OTHER_REGION, type TestKey } from "../kms/start.ts";
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

const SIGNS = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } as const;
const AGREES = { KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" } as const;
const MACS = { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" } as const;
const ENCAPSULATES = { KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE" } as const;
const SIGNED = { Message: Buffer.from("a"), SigningAlgorithm: "ECDSA_SHA_256" } as const;
const MACED = { Message: Buffer.from("a"), MacAlgorithm: "HMAC_SHA_256" } as const;

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
  Decapsulate: {
    kind: ENCAPSULATES,
    async input({ kms, keys: { key } }) {
      const algorithm = { KeyId: key.arn, EncapsulationAlgorithm: "ML_KEM" } as const;
      const { SharedSecretCiphertextBlob } = await kms.client.send(new EncapsulateCommand(algorithm));
      return { ...algorithm, SharedSecretCiphertextBlob };
    },
  },
  Decrypt: {
    input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, CiphertextBlob: await ciphertextOf(kms, key), EncryptionContext: CONTEXT }),
  },
  DeleteAlias: { input: async ({ kms, keys: { key } }) => ({ AliasName: await aliasOf(kms, key) }) },
  DeleteImportedKeyMaterial: {
    kind: EXTERNAL,
    async input({ kms, keys: { key } }) {
      await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"));
      return { KeyId: key.arn };
    },
  },
  DeriveSharedSecret: {
    kind: AGREES,
    async input({ kms, keys: { key } }) {
      const { PublicKey } = await kms.client.send(new GetPublicKeyCommand({ KeyId: key.arn }));
      return { KeyId: key.arn, KeyAgreementAlgorithm: "ECDH", PublicKey };
    },
  },
  DescribeKey: onKey,
  DisableKey: onKey,
  DisableKeyRotation: onKey,
  EnableKey: onKey,
  EnableKeyRotation: withKey({ RotationPeriodInDays: 180 }),
  Encapsulate: { kind: ENCAPSULATES, ...withKey({ EncapsulationAlgorithm: "ML_KEM" }) },
  Encrypt: withKey({ Plaintext: Buffer.from("a"), EncryptionContext: CONTEXT }),
  GenerateDataKey: withKey({ KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  GenerateDataKeyPair: withKey({ KeyPairSpec: "ECC_NIST_P256", EncryptionContext: CONTEXT }),
  GenerateDataKeyPairWithoutPlaintext: withKey({ KeyPairSpec: "ECC_NIST_P256", EncryptionContext: CONTEXT }),
  GenerateDataKeyWithoutPlaintext: withKey({ KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  GenerateMac: { kind: MACS, ...withKey(MACED) },
  GenerateRandom: onNothing({ NumberOfBytes: 1 }),
  GetKeyPolicy: onKey,
  GetKeyRotationStatus: onKey,
  GetParametersForImport: { kind: EXTERNAL, ...withKey({ WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }) },
  GetPublicKey: { kind: SIGNS, ...onKey },
  ImportKeyMaterial: {
    kind: EXTERNAL,
    async input({ kms, keys: { key } }) {
      const parameters = await parametersFor(kms.client, key.id);
      const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", newMaterial("SYMMETRIC_DEFAULT"));
      return { KeyId: key.arn, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
    },
  },
  ListAliases: onNothing(),
  ListGrants: onKey,
  ListKeyPolicies: onKey,
  GetKeyLastUsage: onKey,
  ListKeyRotations: onKey,
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
  ReplicateKey: {
    kind: { MultiRegion: true },
    permissions: ["kms:ReplicateKey", "kms:CreateKey"],
    ...withKey({ ReplicaRegion: OTHER_REGION }),
  },
  RetireGrant: { input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, GrantId: await grantOn(kms, key) }) },
  RevokeGrant: { input: async ({ kms, keys: { key } }) => ({ KeyId: key.arn, GrantId: await grantOn(kms, key) }) },
  RotateKeyOnDemand: onKey,
  ScheduleKeyDeletion: withKey({ PendingWindowInDays: 7 }),
  Sign: { kind: SIGNS, ...withKey(SIGNED) },
  TagResource: withKey({ Tags: [{ TagKey: "a", TagValue: "1" }] }),
  UntagResource: withKey({ TagKeys: ["a"] }),
  UpdateAlias: {
    input: async ({ kms, keys: { key, current } }) => ({ AliasName: current && (await aliasOf(kms, current)), TargetKeyId: key.arn }),
  },
  UpdateKeyDescription: withKey({ Description: "another" }),
  UpdatePrimaryRegion: { kind: { MultiRegion: true }, ...withKey({ PrimaryRegion: OTHER_REGION }) },
  Verify: {
    kind: SIGNS,
    async input({ kms, keys: { key } }) {
      const signed = { KeyId: key.arn, ...SIGNED };
      const { Signature } = await kms.client.send(new SignCommand(signed));
      return { ...signed, Signature };
    },
  },
  VerifyMac: {
    kind: MACS,
    async input({ kms, keys: { key } }) {
      const maced = { KeyId: key.arn, ...MACED };
      const { Mac } = await kms.client.send(new GenerateMacCommand(maced));
      return { ...maced, Mac };
    },
  },
};
