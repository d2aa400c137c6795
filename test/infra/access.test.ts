import * as sdk from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type AccessProfile, accessOf, type Level, type RootName } from "#access";
import { FACES } from "#faces";
import * as kms from "#kms";
import { dispatchHandlerOf, handlerOf } from "#lambda";
import type { AnyOperation } from "#operation";
import { wrapped } from "../kms/imported.ts";
import { through } from "./function-url.ts";
import { REGION, startStore, type Touch } from "./store.ts";

let store: Awaited<ReturnType<typeof startStore>>;
/** Through one function that serves everything. */
let anywhere: sdk.KMSClient;
let KeyId: string;
let CiphertextBlob: Uint8Array;

const SERVED: readonly AnyOperation[] = FACES.flatMap(({ operations }) => Object.values(operations));

const clientOptions = (handler: Parameters<typeof through>[0]) => ({
  region: REGION,
  endpoint: "https://trent.example",
  credentials: store.credentials,
  maxAttempts: 1,
  requestHandler: through(handler),
});

const newKey = async (kind: sdk.CreateKeyCommandInput = {}): Promise<string> =>
  (await anywhere.send(new sdk.CreateKeyCommand(kind))).KeyMetadata?.KeyId ?? "";

const SIGNED = { Message: Buffer.from("hi"), SigningAlgorithm: "ECDSA_SHA_256" } as const;
const signingKey = (): Promise<string> => newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
async function newSignature(): Promise<sdk.VerifyCommandInput> {
  const signed = { KeyId: await signingKey(), ...SIGNED };
  return { ...signed, Signature: (await anywhere.send(new sdk.SignCommand(signed))).Signature };
}
const encapsulation = async (): Promise<sdk.EncapsulateCommandInput> => ({
  KeyId: await newKey({ KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE" }),
  EncapsulationAlgorithm: "ML_KEM",
});

async function newAlias(TargetKeyId: string): Promise<string> {
  const AliasName = `alias/${Math.random().toString(36).slice(2)}`;
  await anywhere.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId }));
  return AliasName;
}

/** An account needs not exist to be granted something. */
const GRANTEE = "444455556666";

/** A grant that the caller's account may retire. */
async function newGrant(): Promise<sdk.CreateGrantCommandOutput & { readonly retiring: string }> {
  const { KeyMetadata } = await anywhere.send(new sdk.DescribeKeyCommand({ KeyId }));
  const retiring = `arn:aws:iam::${KeyMetadata?.AWSAccountId}:root`;
  const grant = new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: GRANTEE, RetiringPrincipal: retiring, Operations: ["Encrypt"] });
  return { ...(await anywhere.send(grant)), retiring };
}

const WRAPPING = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const;

async function importFor(id: string): Promise<sdk.ImportKeyMaterialCommandInput> {
  const { ImportToken, PublicKey } = await anywhere.send(new sdk.GetParametersForImportCommand({ ...WRAPPING, KeyId: id }));
  const EncryptedKeyMaterial = wrapped({ PublicKey }, WRAPPING.WrappingAlgorithm, Buffer.alloc(32, 1));
  return { KeyId: id, ImportToken, EncryptedKeyMaterial, ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" };
}

async function importedKey(): Promise<string> {
  const id = await newKey({ Origin: "EXTERNAL" });
  await anywhere.send(new sdk.ImportKeyMaterialCommand(await importFor(id)));
  return id;
}

async function keyToBeDeleted(): Promise<string> {
  const doomed = await newKey();
  await anywhere.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: doomed }));
  return doomed;
}

/** A key whose policy asks for its last use. */
async function unusedKey(): Promise<string> {
  const { Statement, ...rest } = JSON.parse(await policyOf());
  const Condition = { NumericLessThan: { "kms:TrailingDaysWithoutKeyUsage": "0" } };
  const deny = { Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*", Condition };
  return newKey({ Policy: JSON.stringify({ ...rest, Statement: [...Statement, deny] }) });
}

const policyOf = async (): Promise<string> => (await anywhere.send(new sdk.GetKeyPolicyCommand({ KeyId }))).Policy ?? "";

/** Nothing is there, but nobody asks. */
const ELSEWHERE = "us-west-2";

/** A call of each operation that does all that it can do. */
const CALLS: Readonly<Record<string, () => object | Promise<object>>> = {
  CancelKeyDeletion: async () => new sdk.CancelKeyDeletionCommand({ KeyId: await keyToBeDeleted() }),
  CreateAlias: () => new sdk.CreateAliasCommand({ AliasName: "alias/made", TargetKeyId: KeyId }),
  CreateGrant: () => new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: GRANTEE, Operations: ["Encrypt"] }),
  CreateKey: async () => new sdk.CreateKeyCommand({ Policy: await policyOf() }),
  Decrypt: () => new sdk.DecryptCommand({ CiphertextBlob }),
  DeleteAlias: async () => new sdk.DeleteAliasCommand({ AliasName: await newAlias(KeyId) }),
  DeleteImportedKeyMaterial: async () => new sdk.DeleteImportedKeyMaterialCommand({ KeyId: await importedKey() }),
  DescribeKey: () => new sdk.DescribeKeyCommand({ KeyId }),
  DisableKey: async () => new sdk.DisableKeyCommand({ KeyId: await unusedKey() }),
  DisableKeyRotation: () => new sdk.DisableKeyRotationCommand({ KeyId }),
  EnableKey: () => new sdk.EnableKeyCommand({ KeyId }),
  EnableKeyRotation: () => new sdk.EnableKeyRotationCommand({ KeyId }),
  Encapsulate: async () => new sdk.EncapsulateCommand(await encapsulation()),
  Encrypt: async () => new sdk.EncryptCommand({ KeyId: await newAlias(KeyId), Plaintext: Buffer.from("hi") }),
  GenerateDataKey: () => new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
  GenerateDataKeyPair: () => new sdk.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" }),
  GenerateDataKeyWithoutPlaintext: () => new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" }),
  GenerateRandom: () => new sdk.GenerateRandomCommand({ NumberOfBytes: 8 }),
  GetCallerIdentity: () => new GetCallerIdentityCommand({}),
  GetKeyLastUsage: () => new sdk.GetKeyLastUsageCommand({ KeyId }),
  GetKeyPolicy: () => new sdk.GetKeyPolicyCommand({ KeyId }),
  GetKeyRotationStatus: () => new sdk.GetKeyRotationStatusCommand({ KeyId }),
  GetParametersForImport: async () => new sdk.GetParametersForImportCommand({ ...WRAPPING, KeyId: await newKey({ Origin: "EXTERNAL" }) }),
  GetPublicKey: async () => new sdk.GetPublicKeyCommand({ KeyId: await signingKey() }),
  ImportKeyMaterial: async () => new sdk.ImportKeyMaterialCommand(await importFor(await newKey({ Origin: "EXTERNAL" }))),
  ListAliases: async () => (await newAlias(KeyId)) && new sdk.ListAliasesCommand({ KeyId }),
  ListGrants: async () => (await newGrant()) && new sdk.ListGrantsCommand({ KeyId }),
  ListKeyPolicies: () => new sdk.ListKeyPoliciesCommand({ KeyId }),
  ListKeyRotations: () => new sdk.ListKeyRotationsCommand({ KeyId }),
  ListKeys: () => new sdk.ListKeysCommand({}),
  ListResourceTags: () => new sdk.ListResourceTagsCommand({ KeyId }),
  ListRetirableGrants: async () => new sdk.ListRetirableGrantsCommand({ RetiringPrincipal: (await newGrant()).retiring }),
  PutKeyPolicy: async () => new sdk.PutKeyPolicyCommand({ KeyId, Policy: await policyOf() }),
  ReEncrypt: () => new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }),
  RetireGrant: async () => new sdk.RetireGrantCommand({ GrantToken: (await newGrant()).GrantToken }),
  RevokeGrant: async () => new sdk.RevokeGrantCommand({ KeyId, GrantId: (await newGrant()).GrantId }),
  ReplicateKey: async () => new sdk.ReplicateKeyCommand({ KeyId: await newKey({ MultiRegion: true }), ReplicaRegion: ELSEWHERE }),
  RotateKeyOnDemand: () => new sdk.RotateKeyOnDemandCommand({ KeyId }),
  ScheduleKeyDeletion: async () => new sdk.ScheduleKeyDeletionCommand({ KeyId: await unusedKey() }),
  Sign: async () => new sdk.SignCommand({ KeyId: await signingKey(), ...SIGNED }),
  TagResource: () => new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "stage", TagValue: "test" }] }),
  UntagResource: () => new sdk.UntagResourceCommand({ KeyId, TagKeys: ["stage"] }),
  UpdateAlias: async () => new sdk.UpdateAliasCommand({ AliasName: await newAlias(KeyId), TargetKeyId: await newKey() }),
  UpdateKeyDescription: () => new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: "changed" }),
  Verify: async () => new sdk.VerifyCommand(await newSignature()),
};

/** The least level at which these actions on a table can be done. */
function levelOf(table: string, actions: readonly string[]): Level {
  const reads = (action: string) => action === "GetItem" || action === "Query";
  if (actions.every(reads)) return "read";
  if (actions.every((action) => action === "UpdateItem")) return "add";
  if (actions.every((action) => reads(action) || action === "UpdateItem")) return "read-add";
  if (table !== "log" || !actions.every((action) => reads(action) || action === "PutItem")) return "write";
  return actions.some(reads) ? "read-append" : "append";
}

function profileOf(touches: readonly Touch[], roots: ReadonlySet<RootName>): AccessProfile {
  const tables = [...new Set(touches.map(({ table }) => table))];
  const actionsOn = (table: string) => touches.filter((touch) => touch.table === table).map(({ action }) => action);
  return { tables: Object.fromEntries(tables.map((table) => [table, levelOf(table, actionsOn(table))])), roots: [...roots].sort() };
}

/** The operation as it is but for the first use of an AWS managed key, which alone writes keys: `test/operator/services.test.ts` has it. */
function used(operation: AnyOperation): AnyOperation {
  if (!operation.on) return operation;
  const on = Object.entries(operation.on).map(([name, { predefined: _, ...target }]) => [name, target] as const);
  return { ...operation, on: Object.fromEntries(on) };
}

beforeAll(async () => {
  store = await startStore();
  for (const [name, value] of Object.entries(store.environmentOf())) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
  const everything = dispatchHandlerOf(FACES, { version: "0", environment: store.environmentOf(...SERVED) });
  anywhere = new sdk.KMSClient(clientOptions(everything));
  KeyId = await newKey();
  const { CiphertextBlob: sealed = new Uint8Array() } = await anywhere.send(
    new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from("hi") }),
  );
  CiphertextBlob = sealed;
});

afterAll(() => {
  vi.unstubAllEnvs();
  store.stop();
});

describe("a function of its own, never called before, touches what its operation declares, and nothing else:", () => {
  test.each(SERVED.filter(({ name }) => Object.hasOwn(CALLS, name)))("$name", async (operation) => {
    const face = FACES.find(({ operations }) => Object.values(operations).includes(operation));
    if (!face) throw new Error("No face serves it.");
    const asked = new Set<RootName>();
    const roots = {
      control: () => {
        asked.add("control");
        return store.roots.control();
      },
      material: () => {
        asked.add("material");
        return store.roots.material();
      },
    };
    // Of so many instances none has a share of its own: every call that is charged leases.
    const environment = {
      ...store.environmentOf(operation),
      TRENT_QUOTAS: "current",
      TRENT_QUOTA_INSTANCES: "1000000",
      TRENT_REGIONS: ELSEWHERE,
    };
    const handler = handlerOf(face, operation, { version: "0", environment, roots: () => roots });
    const command = await CALLS[operation.name]?.();
    store.touches.length = 0;

    const Client: new (options: object) => { send(command: unknown): Promise<unknown> } =
      face.service === "sts" ? STSClient : sdk.KMSClient;
    await new Client(clientOptions(handler)).send(command);

    const { tables, roots: needed } = accessOf(used(operation));
    const { quotas, "shared-keys": related, ...rest } = tables;
    // Only for a multi-Region key that this Region has not taken up yet, or where it is said.
    const others = operation.uses.multiRegion === "write" ? { ...rest, "shared-keys": related } : rest;
    // Anybody may be charged; of these only KMS is.
    expect(profileOf(store.touches, asked)).toEqual({ tables: face.service === "kms" ? { ...others, quotas } : others, roots: needed });
  });
});

test("aliases live in the table of keys, and the higher level wins", () => {
  expect(accessOf(kms.createAlias).tables.keys).toBe("write");
  expect(accessOf(kms.listAliases).tables.keys).toBe("read");
  expect(accessOf(kms.encrypt, kms.createAlias, kms.describeKey).tables.keys).toBe("write");
});

test("the material root is for those who use or make material", () => {
  const readers = SERVED.filter((operation) => accessOf(operation).roots.includes("material")).map(({ name }) => name);

  expect(readers.toSorted()).toEqual([
    ...["CreateKey", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt"],
    ...["GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext"],
    ...["GenerateMac", "GetParametersForImport", "ImportKeyMaterial", "ReEncrypt", "RotateKeyOnDemand", "Sign", "VerifyMac"],
  ]);
});

const SHARED = { "shared-keys": "write", "shared-domains": "read" } as const;

/** LookupEvents shows it, and the others look for the last use of a key in it. */
const READING = ["LookupEvents", "GetKeyLastUsage", "DisableKey", "ScheduleKeyDeletion"];

test("no operation may write a domain key, or do more to the log than append; four read it", () => {
  const reading = (name: string) => READING.includes(name);
  const others = SERVED.filter(({ name }) => !reading(name));
  const { tables } = accessOf(...others);

  expect(tables).toEqual({ keys: "write", domains: "read", ...SHARED, principals: "write", log: "append", quotas: "write" });
  for (const one of SERVED.filter(({ name }) => reading(name))) expect(accessOf(one).tables.log).toBe("read-append");
});

test("operations of IAM alone may write principals, and they no key", () => {
  const others = FACES.filter(({ service }) => service !== "iam").flatMap(({ operations }) => Object.values(operations));
  const iam = FACES.filter(({ service }) => service === "iam").flatMap(({ operations }) => Object.values(operations));

  expect(accessOf(...others).tables.principals).toBe("read-add");
  expect(accessOf(...iam)).toEqual({
    tables: { domains: "read", "shared-domains": "read", principals: "write", log: "append", quotas: "add" },
    roots: ["control"],
  });
});
