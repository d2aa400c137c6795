/** How each error is provoked of an operation that would succeed, and which cannot be here. */
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import type { AnyOperation } from "#operation";
import type { Scene } from "../access/every-operation-world.ts";
import { enablesIam } from "../access/examples.ts";
import { importInto, newMaterial } from "../kms/imported.ts";
import { ADMINISTRATOR, aliasArn, type Kms, keyArn, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

/** What a call is made with, and what its event then says, where that differs from the call that is answered. */
export interface Provoked {
  readonly input?: Readonly<Record<string, unknown>>;
  /** Of its requestParameters; null: nothing. */
  readonly said?: Readonly<Record<string, unknown>> | null;
  readonly resources?: readonly string[];
  /** Everything was done that is done for an answer: additionalEventData are those of one. */
  readonly isWhole?: true;
  /** Days that the call comes later. */
  readonly late?: number;
  /** Puts right what was wrong with more than the call. */
  readonly after?: () => unknown;
}

type Provoke = (scene: Scene, kms: Kms, operation: AnyOperation) => Provoked | Promise<Provoked>;

const NOBODY = "00000000-0000-4000-8000-000000000000";
const ENCRYPTS = {};
const SIGNS = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } as const;

/** The member that names the key that matters. */
const MEMBERS: Readonly<Record<string, string>> = { CreateAlias: "TargetKeyId", UpdateAlias: "TargetKeyId", ReEncrypt: "DestinationKeyId" };
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** The same call with another key. */
function naming({ name }: AnyOperation, id: string): Pick<Provoked, "input" | "said"> {
  const member = MEMBERS[name] ?? "KeyId";
  return { input: { [member]: id }, said: { [lowerFirst(member)]: id } };
}

/** The resources that are known when the key is not found: the alias that the call names. */
const besides = ({ alias }: AnyOperation, { input }: Scene): readonly string[] => (alias ? [aliasArn(alias(input as never))] : []);

/** With a key that cannot do this. */
const withKind =
  (kind: CreateKeyCommandInput): Provoke =>
  async (_, kms, operation) => {
    const { arn } = await kms.key(kind);
    return { ...naming(operation, arn), resources: [arn] };
  };

const named = ({ keys }: Scene): Readonly<Record<string, TestKey>> => keys;
const subject = (scene: Scene): string => (named(scene)["destination"] ?? scene.keys.key).id;

const twice: Provoked = {
  input: { Tags: ["1", "2"].map((TagValue) => ({ TagKey: "a", TagValue })) },
  said: { tags: ["1", "2"].map((tagValue) => ({ tagKey: "a", tagValue })) },
};

/** What holds of every operation that declares the error, and what of one. */
export const PROVOKED: Readonly<Record<string, { readonly usual?: Provoke } & Readonly<Record<string, Provoke>>>> = {
  AlreadyExistsException: {
    ReplicateKey: () => ({ input: { ReplicaRegion: HOME }, said: { replicaRegion: HOME } }),
    async usual(scene, kms) {
      const { AliasName } = scene.input as { AliasName: string };
      await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: scene.keys.key.id }));
      return {};
    },
  },
  ConflictException: {
    async RotateKeyOnDemand({ keys }, kms) {
      kms.advance({ days: -90 });
      await kms.client.send(new EnableKeyRotationCommand({ KeyId: keys.key.id, RotationPeriodInDays: 90 }));
      kms.advance({ days: 90 });
      return {};
    },
  },
  DisabledException: {
    async usual(scene, kms) {
      await kms.client.send(new DisableKeyCommand({ KeyId: subject(scene) }));
      return {};
    },
  },
  DryRunOperationException: {
    usual: () => ({ input: { DryRun: true }, said: { dryRun: true }, isWhole: true }),
    RetireGrant: () => ({ input: { DryRun: true }, said: null, isWhole: true }),
  },
  ExpiredImportTokenException: {
    usual(_, kms) {
      kms.advance({ days: 1 });
      return { after: () => kms.advance({ days: -1 }), late: 1 };
    },
  },
  IncorrectKeyMaterialException: {
    async usual({ keys }, kms) {
      await importInto(kms.client, keys.key.id, newMaterial("SYMMETRIC_DEFAULT"));
      return {};
    },
  },
  InvalidImportTokenException: { usual: () => ({ input: { ImportToken: Buffer.alloc(100) } }) },
  IncorrectKeyException: {
    async Decrypt(_, kms, operation) {
      const { arn } = await kms.key();
      return { ...naming(operation, arn), resources: [arn] };
    },
    async ReEncrypt(scene, kms) {
      const { arn } = await kms.key();
      return { input: { SourceKeyId: arn }, said: { sourceKeyId: arn }, resources: [arn, named(scene)["destination"]?.arn ?? ""] };
    },
  },
  InvalidArnException: {
    usual: (scene, _, operation) => ({ ...naming(operation, "arn:aws:kms:mine"), resources: besides(operation, scene) }),
    RetireGrant: (_, __, operation) => ({ ...naming(operation, "arn:aws:kms:mine"), said: null, resources: [] }),
    ListRetirableGrants: () => ({ input: { RetiringPrincipal: "arn:aws:mine" }, said: { retiringPrincipal: "arn:aws:mine" } }),
  },
  InvalidCiphertextException: {
    usual: () => ({ input: { CiphertextBlob: Buffer.alloc(100) } }),
    Decapsulate: () => ({ input: { SharedSecretCiphertextBlob: Buffer.alloc(100) } }),
    ImportKeyMaterial: () => ({ input: { EncryptedKeyMaterial: Buffer.alloc(256) } }),
  },
  InvalidGrantIdException: {
    usual: () => ({ input: { GrantId: "mine" }, said: { grantId: "mine" } }),
    RetireGrant: () => ({ input: { GrantId: "mine" }, said: null, resources: [] }),
  },
  InvalidGrantTokenException: {
    usual: () => ({ input: { GrantTokens: ["mine"] } }),
    RetireGrant: () => ({ input: { GrantToken: "mine", KeyId: undefined, GrantId: undefined }, said: null, resources: [] }),
  },
  InvalidKeyUsageException: {
    usual: withKind(SIGNS),
    Decrypt: () => ({
      input: { EncryptionAlgorithm: "RSAES_OAEP_SHA_256", EncryptionContext: undefined },
      said: { encryptionAlgorithm: "RSAES_OAEP_SHA_256", encryptionContext: undefined },
    }),
    async ReEncrypt(scene, kms, operation) {
      const { arn } = await kms.key(SIGNS);
      return { ...naming(operation, arn), resources: [named(scene)["source"]?.arn ?? "", arn] };
    },
    Sign: withKind(ENCRYPTS),
    Verify: withKind(ENCRYPTS),
  },
  InvalidMarkerException: { usual: () => ({ input: { Marker: "mine" }, said: { marker: "mine" } }) },
  KMSInternalException: {
    usual: (scene, kms, operation) => ({ resources: besides(operation, scene), after: unreadable(kms) }),
  },
  KMSInvalidMacException: { usual: () => ({ input: { Mac: Buffer.alloc(32) } }) },
  KMSInvalidSignatureException: { usual: () => ({ input: { Signature: Buffer.alloc(70) } }) },
  KMSInvalidStateException: {
    async usual(scene, kms) {
      await kms.schedule(subject(scene));
      return {};
    },
    async CancelKeyDeletion({ keys }, kms) {
      await kms.client.send(new CancelKeyDeletionCommand({ KeyId: keys.key.id }));
      return {};
    },
  },
  LimitExceededException: {
    async CreateAlias({ keys }, kms) {
      await kms.client.send(new CreateAliasCommand({ AliasName: kms.newName("alias/first"), TargetKeyId: keys.key.id }));
      return { after: await atMost(kms, { AliasesPerKey: 1 }) };
    },
    async CreateGrant({ keys }, kms) {
      await kms.client.send(new CreateGrantCommand({ KeyId: keys.key.id, GranteePrincipal: ADMINISTRATOR, Operations: ["Decrypt"] }));
      return { after: await atMost(kms, { GrantsPerKey: 1 }) };
    },
    CreateKey: async (_, kms) => ({ resources: [], after: await atMost(kms, { KeysPerAccount: 1 }) }),
    async RotateKeyOnDemand({ keys }, kms) {
      for (let times = 1; times <= 25; times += 1) await kms.client.send(new RotateKeyOnDemandCommand({ KeyId: keys.key.id }));
      return {};
    },
    async UpdateAlias({ keys }, kms) {
      await kms.client.send(new CreateAliasCommand({ AliasName: kms.newName("alias/first"), TargetKeyId: keys.key.id }));
      return { after: await atMost(kms, { AliasesPerKey: 1 }) };
    },
    ReplicateKey: () => ({ input: { Policy: LARGE }, said: { policy: LARGE } }),
    PutKeyPolicy({ input }) {
      const Policy = `${(input as { Policy: string }).Policy}${" ".repeat(33_000)}`;
      return { input: { Policy }, said: { policy: Policy } };
    },
  },
  MalformedPolicyDocumentException: {
    usual: () => ({ input: { Policy: "{}" }, said: { policy: "{}" } }),
    CreateKey: () => ({ input: { Policy: "{}" }, said: { policy: "{}" }, resources: [] }),
  },
  NotFoundException: {
    usual: (scene, _, operation) => ({ ...naming(operation, keyArn(NOBODY)), resources: besides(operation, scene) }),
    RetireGrant: (_, __, operation) => ({ ...naming(operation, keyArn(NOBODY)), said: null, resources: [] }),
    DeleteAlias: () => ({
      input: { AliasName: "alias/nobody" },
      said: { aliasName: "alias/nobody" },
      resources: [aliasArn("alias/nobody")],
    }),
  },
  TagException: {
    usual: () => twice,
    CreateKey: () => ({ ...twice, resources: [] }),
  },
  UnsupportedOperationException: {
    CreateKey: () => ({ input: { Origin: "AWS_CLOUDHSM" }, said: null, resources: [] }),
    DisableKeyRotation: withKind(SIGNS),
    EnableKeyRotation: withKind(SIGNS),
    DeleteImportedKeyMaterial: withKind(ENCRYPTS),
    GetKeyRotationStatus: withKind({ Origin: "EXTERNAL" }),
    GetParametersForImport: withKind(ENCRYPTS),
    ImportKeyMaterial: withKind(ENCRYPTS),
    ListKeyRotations: withKind(SIGNS),
    RotateKeyOnDemand: withKind(SIGNS),
    GetPublicKey: withKind(ENCRYPTS),
    ReplicateKey: withKind(ENCRYPTS),
    // Whose replica is meant is asked before anything else.
    UpdatePrimaryRegion: async (...world) => ({ ...(await withKind(ENCRYPTS)(...world)), resources: [] }),
    GenerateRandom: () => ({ input: { CustomKeyStoreId: "cks-1234567890abcdef0" }, said: null }),
  },
};

const LARGE = `${JSON.stringify({ Version: "2012-10-17", Statement: [enablesIam] })}${" ".repeat(33_000)}`;

/** Sets a quota of the account. */
async function atMost({ host: { shared } }: Kms, quotas: Readonly<Record<string, number>>): Promise<() => Promise<void>> {
  const { principals } = shared;
  async function put(change: object): Promise<void> {
    const read = await principals.account(ACCOUNT);
    if (!read) throw new Error("The account is not there.");
    await principals.replaceAccount(read, { ...read, ...change });
  }
  await put({ quotas });
  return () => put({ quotas: undefined });
}

/** The table of keys answers nothing until it is put right. */
function unreadable({ database }: Kms): () => void {
  const table = database.table("keys", HOME);
  const well = { ...table };
  const fail = () => Promise.reject(new Error("The disk is gone."));
  Object.assign(table, { get: fail, query: fail, find: fail, put: fail, add: fail });
  return () => void Object.assign(table, well);
}

const ANY_STATE = "AWS's table of key states lets it through in every state that there is here";
const NO_STORES = "custom key stores are not built";
const NO_OTHERS = "no other service is depended on: a store that does not answer is an internal error";

/** Errors that AWS's pages list and nothing here can cause: of every operation, or of those named. */
export const UNPROVOKED: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  CloudHsmClusterInvalidConfigurationException: NO_STORES,
  CustomKeyStoreInvalidStateException: NO_STORES,
  CustomKeyStoreNotFoundException: NO_STORES,
  DependencyTimeoutException: NO_OTHERS,
  InvalidAliasNameException: "names that are not allowed are refused by validation, in words that do not name this error",
  DisabledException: { GetPublicKey: "the public key of a disabled key is told, too" },
  InvalidArnException: { CreateKey: "nothing that it takes is named by an ARN" },
  InvalidKeyUsageException: { GetPublicKey: "a key of any usage has one" },
  KeyUnavailableException: NO_STORES,
  KMSInternalException: { GenerateRandom: "it reads nothing that could be broken" },
  KMSInvalidStateException: {
    ...{ DeleteAlias: ANY_STATE, GetKeyPolicy: ANY_STATE, GetKeyRotationStatus: ANY_STATE, ListGrants: ANY_STATE },
    ...{ ListKeyRotations: ANY_STATE },
    DeleteImportedKeyMaterial: ANY_STATE,
    ...{ ListKeyPolicies: ANY_STATE, PutKeyPolicy: ANY_STATE, RetireGrant: ANY_STATE, RevokeGrant: ANY_STATE },
  },
  LimitExceededException: { EnableKey: "enabled keys are not counted apart", TagResource: "too many tags are a TagException" },
  NotFoundException: { ListRetirableGrants: "whoever is not there has nothing to retire, and is answered so" },
  TagException: { UntagResource: "a tag that is not there is removed already" },
  UnsupportedOperationException: {
    GenerateDataKeyPair: NO_STORES,
    GenerateDataKeyPairWithoutPlaintext: NO_STORES,
    PutKeyPolicy: "every kind of key has a policy",
  },
  XksKeyAlreadyInUseException: NO_STORES,
  XksKeyInvalidConfigurationException: NO_STORES,
  XksKeyNotFoundException: NO_STORES,
};
