/** @see AWS KMS Developer Guide, "AWS KMS condition keys": those of algorithms and kinds; "Grant operations": those of each kind of key */
import {
  CreateGrantCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecapsulateCommand,
  DeriveSharedSecretCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  type GrantOperation,
  type KMSClient,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { KINDS } from "../kms/kinds.ts";
import { policyOf, startKms } from "../kms/start.ts";

const RSA_SIGNS = { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" } as const;
const RSA_ENCRYPTS = { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" } as const;
const MACS = { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" } as const;
const AGREES = { KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" } as const;
const ENCAPSULATES = { KeySpec: "ML_KEM_512", KeyUsage: "ENCAPSULATE_DECAPSULATE" } as const;

const Message = Buffer.alloc(32, "attack");
const pss = { Message, SigningAlgorithm: "RSASSA_PSS_SHA_256" } as const;
const pkcs1 = { Message, SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" } as const;
const Signature = Buffer.alloc(256);
const Mac = Buffer.alloc(32);
const MacAlgorithm = "HMAC_SHA_256";
const EncapsulationAlgorithm = "ML_KEM";
const oaep = (EncryptionAlgorithm: "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256") => ({ Plaintext: Message, EncryptionAlgorithm });
const agreement = { KeyAgreementAlgorithm: "ECDH", PublicKey: Buffer.alloc(91) } as const;

type Use = (client: KMSClient, KeyId: string) => Promise<unknown>;
interface Condition {
  readonly key: string;
  readonly value: string;
  readonly of: CreateKeyCommandInput;
  /** What says this under the condition key, and what says another thing, if something can. */
  readonly says: Use;
  readonly saysNot?: Use;
}

const CONDITIONS: readonly Condition[] = [
  {
    ...{ key: "kms:SigningAlgorithm", value: pss.SigningAlgorithm, of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new SignCommand({ KeyId, ...pss })),
    saysNot: (client, KeyId) => client.send(new SignCommand({ KeyId, ...pkcs1 })),
  },
  {
    ...{ key: "kms:SigningAlgorithm", value: pss.SigningAlgorithm, of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new VerifyCommand({ KeyId, ...pss, Signature })),
    saysNot: (client, KeyId) => client.send(new VerifyCommand({ KeyId, ...pkcs1, Signature })),
  },
  {
    ...{ key: "kms:MessageType", value: "RAW", of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new SignCommand({ KeyId, ...pss })),
    saysNot: (client, KeyId) => client.send(new SignCommand({ KeyId, ...pss, MessageType: "DIGEST" })),
  },
  {
    ...{ key: "kms:MessageType", value: "DIGEST", of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new VerifyCommand({ KeyId, ...pss, Signature, MessageType: "DIGEST" })),
    saysNot: (client, KeyId) => client.send(new VerifyCommand({ KeyId, ...pss, Signature })),
  },
  {
    ...{ key: "kms:MacAlgorithm", value: MacAlgorithm, of: MACS },
    says: (client, KeyId) => client.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm })),
  },
  {
    ...{ key: "kms:MacAlgorithm", value: MacAlgorithm, of: MACS },
    says: (client, KeyId) => client.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac })),
    saysNot: (client, KeyId) => client.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm: "HMAC_SHA_512", Mac })),
  },
  {
    ...{ key: "kms:KeyAgreementAlgorithm", value: "ECDH", of: AGREES },
    says: (client, KeyId) => client.send(new DeriveSharedSecretCommand({ KeyId, ...agreement })),
  },
  {
    ...{ key: "kms:EncapsulationAlgorithm", value: EncapsulationAlgorithm, of: ENCAPSULATES },
    says: (client, KeyId) => client.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm })),
  },
  {
    ...{ key: "kms:EncapsulationAlgorithm", value: EncapsulationAlgorithm, of: ENCAPSULATES },
    says: (client, KeyId) =>
      client.send(new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob: Buffer.alloc(768) })),
  },
  {
    ...{ key: "kms:EncryptionAlgorithm", value: "RSAES_OAEP_SHA_1", of: RSA_ENCRYPTS },
    says: (client, KeyId) => client.send(new EncryptCommand({ KeyId, ...oaep("RSAES_OAEP_SHA_1") })),
    saysNot: (client, KeyId) => client.send(new EncryptCommand({ KeyId, ...oaep("RSAES_OAEP_SHA_256") })),
  },
  {
    ...{ key: "kms:DataKeyPairSpec", value: "ECC_NIST_P256", of: {} },
    says: (client, KeyId) => client.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })),
    saysNot: (client, KeyId) => client.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P384" })),
  },
  {
    ...{ key: "kms:DataKeyPairSpec", value: "ECC_NIST_P256", of: {} },
    says: (client, KeyId) => client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })),
    saysNot: (client, KeyId) => client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P384" })),
  },
  {
    ...{ key: "kms:KeySpec", value: "RSA_2048", of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new GetPublicKeyCommand({ KeyId })),
  },
  {
    ...{ key: "kms:KeyUsage", value: "SIGN_VERIFY", of: RSA_SIGNS },
    says: (client, KeyId) => client.send(new GetPublicKeyCommand({ KeyId })),
  },
];

describe("conditions on algorithms", () => {
  const kms = startKms();
  const unless = ({ key, value }: Condition) =>
    policyOf({ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: { StringNotEquals: { [key]: value } } });
  const onlyIf = ({ key, value }: Condition) =>
    policyOf({ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: { StringEquals: { [key]: value } } });
  const nameOf = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "answered",
      ({ name }: Error) => name,
    );

  it.each(CONDITIONS.map((condition) => [`${condition.key} is ${condition.value}`, condition] as const))("%s", async (_, condition) => {
    const { id } = await kms.key(condition.of);
    const [lets, keeps] = [await kms.someone([onlyIf(condition)]), await kms.someone([unless(condition)])];
    expect(await nameOf(condition.says(lets.client, id))).not.toBe("AccessDeniedException");
    expect(await nameOf(condition.says(keeps.client, id))).toBe("AccessDeniedException");
    if (!condition.saysNot) return;
    expect(await nameOf(condition.saysNot(lets.client, id))).toBe("AccessDeniedException");
    expect(await nameOf(condition.saysNot(keeps.client, id))).not.toBe("AccessDeniedException");
  });

  it("kms:KeySpec and kms:KeyUsage say which keys may be made", async () => {
    const Condition = { StringEquals: { "kms:KeySpec": "RSA_4096", "kms:KeyUsage": "SIGN_VERIFY" } };
    const { client } = await kms.someone([
      policyOf({ Effect: "Deny", Action: "*", Resource: "*", Condition }),
      policyOf({ Effect: "Allow", Action: "kms:*", Resource: "*" }),
    ]);
    const create = (input: CreateKeyCommandInput) => nameOf(client.send(new CreateKeyCommand(input)));
    expect(await create({ KeySpec: "RSA_4096", KeyUsage: "SIGN_VERIFY" })).toBe("AccessDeniedException");
    expect(await create({ CustomerMasterKeySpec: "RSA_4096", KeyUsage: "SIGN_VERIFY" })).toBe("AccessDeniedException");
    expect(await create(AGREES)).toBe("answered");
  });
});

/** What may be granted on a key, beyond CreateGrant, RetireGrant and DescribeKey. */
const GRANTABLE: Readonly<Record<string, readonly GrantOperation[]>> = {
  ENCRYPT_DECRYPT: ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"],
  SIGN_VERIFY: ["Sign", "Verify", "GetPublicKey"],
  GENERATE_VERIFY_MAC: ["GenerateMac", "VerifyMac"],
  KEY_AGREEMENT: ["DeriveSharedSecret", "GetPublicKey"],
  ENCAPSULATE_DECAPSULATE: ["Encapsulate", "Decapsulate", "GetPublicKey"],
};
const EVERYWHERE: readonly GrantOperation[] = ["CreateGrant", "RetireGrant", "DescribeKey"];
const ALL = [...new Set([...EVERYWHERE, ...Object.values(GRANTABLE).flat(), "GenerateDataKey", "GenerateDataKeyPair"] as const)];
// One of each usage: what may be granted goes by that.
const ONE_EACH = KINDS.filter(
  ([spec, usage], at) =>
    spec !== "SYMMETRIC_DEFAULT" && at === KINDS.findIndex((kind) => kind[1] === usage && kind[0] !== "SYMMETRIC_DEFAULT"),
);

describe("grants on a key that is not for symmetric encryption", () => {
  const kms = startKms();

  it.each(ONE_EACH)("%s for %s: its operations, and no constraint on an encryption context", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    const { arn } = await kms.someone();
    const grant = (Operations: GrantOperation[], rest: object = {}) =>
      kms.client.send(new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: arn, Operations, ...rest }));
    const own = [...EVERYWHERE, ...(GRANTABLE[KeyUsage] ?? [])];
    expect((await grant(own)).GrantId).toMatch(/^[0-9a-f]{64}$/);
    for (const other of ALL.filter((operation) => !own.includes(operation)))
      expect(await kms.refused(grant([other]))).toMatch(/^ValidationException: /);
    for (const Constraints of [{ EncryptionContextSubset: { a: "1" } }, { EncryptionContextEquals: { a: "1" } }])
      expect(await kms.refused(grant(own, { Constraints }))).toMatch(/^ValidationException: /);
  });

  it("lets its grantee do what it names, and nothing else", async () => {
    const key = await kms.key(RSA_SIGNS);
    const user = await kms.someone();
    await kms.client.send(new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: user.arn, Operations: ["Sign", "GetPublicKey"] }));
    expect((await user.client.send(new SignCommand({ KeyId: key.id, ...pss }))).KeyId).toBe(key.arn);
    expect((await user.client.send(new GetPublicKeyCommand({ KeyId: key.id }))).KeyId).toBe(key.arn);
    expect(await kms.refused(user.client.send(new VerifyCommand({ KeyId: key.id, ...pss, Signature })))).toMatch(
      /^AccessDeniedException: /,
    );
  });
});
