/**
 * The members that KMS's operations share, with AWS's limits and values.
 * @see AWS KMS API Reference; limits as in botocore's model of the service.
 */
import { Fault } from "#domain/fault";
import {
  blob,
  boolean,
  enumeration,
  integer,
  list,
  type MapShape,
  map,
  required,
  string,
  structure,
  timestamp,
  unavailable,
} from "./shape.ts";

export const KEY_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "SYMMETRIC_DEFAULT",
  "HMAC_224",
  "HMAC_256",
  "HMAC_384",
  "HMAC_512",
  "SM2",
  "ML_DSA_44",
  "ML_DSA_65",
  "ML_DSA_87",
  "ECC_NIST_EDWARDS25519",
  "ML_KEM_512",
  "ML_KEM_768",
  "ML_KEM_1024",
] as const;
const CUSTOMER_MASTER_KEY_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "SYMMETRIC_DEFAULT",
  "HMAC_224",
  "HMAC_256",
  "HMAC_384",
  "HMAC_512",
  "SM2",
] as const;
const DATA_KEY_PAIR_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "SM2",
  "ECC_NIST_EDWARDS25519",
  "ML_KEM_512",
  "ML_KEM_768",
  "ML_KEM_1024",
] as const;
const STATES = [
  "Creating",
  "Enabled",
  "Disabled",
  "PendingDeletion",
  "PendingImport",
  "PendingReplicaDeletion",
  "Unavailable",
  "Updating",
] as const;

export const keyId = string({ min: 1, max: 2048 });
export const keyArn = string({ min: 20, max: 2048 });
/** AWS has SM2 in the China Regions only. */
const available = <T extends string>(specs: readonly T[]): readonly Exclude<T, "SM2">[] =>
  specs.filter((spec): spec is Exclude<T, "SM2"> => spec !== "SM2");
export const keySpec = enumeration(KEY_SPECS, { available: available(KEY_SPECS) });
export const customerMasterKeySpec = enumeration(CUSTOMER_MASTER_KEY_SPECS, { available: available(CUSTOMER_MASTER_KEY_SPECS) });
export const keyUsage = enumeration(["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"]);
export const keyState = enumeration(STATES);
export const origin = enumeration(["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"], { available: ["AWS_KMS", "EXTERNAL"] });
/** AWS has SM2 in the China Regions only. */
export const wrappingAlgorithm = enumeration(
  ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256", "SM2PKE"],
  { available: ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"] },
);
export const wrappingKeySpec = enumeration(["RSA_2048", "RSA_3072", "RSA_4096", "SM2"], {
  available: ["RSA_2048", "RSA_3072", "RSA_4096"],
});
export const expirationModel = enumeration(["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"]);
export const importToken = blob({ min: 1, max: 6144 });
export const keyMaterialDescription = string({ min: 0, max: 256, pattern: "^[a-zA-Z0-9:/_\\s.-]+$" });
export const dataKeySpec = enumeration(["AES_256", "AES_128"]);
export const dataKeyPairSpec = enumeration(DATA_KEY_PAIR_SPECS, { available: available(DATA_KEY_PAIR_SPECS) });
export const encryptionAlgorithm = enumeration(["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]);
export const signingAlgorithm = enumeration([
  "RSASSA_PSS_SHA_256",
  "RSASSA_PSS_SHA_384",
  "RSASSA_PSS_SHA_512",
  "RSASSA_PKCS1_V1_5_SHA_256",
  "RSASSA_PKCS1_V1_5_SHA_384",
  "RSASSA_PKCS1_V1_5_SHA_512",
  "ECDSA_SHA_256",
  "ECDSA_SHA_384",
  "ECDSA_SHA_512",
  "SM2DSA",
  "ML_DSA_SHAKE_256",
  "ED25519_SHA_512",
  "ED25519_PH_SHA_512",
]);
export const macAlgorithm = enumeration(["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]);
export const keyAgreementAlgorithm = enumeration(["ECDH"]);
export const encapsulationAlgorithm = enumeration(["ML_KEM"]);
export const messageType = enumeration(["RAW", "DIGEST", "EXTERNAL_MU"]);

export const plaintext = blob({ min: 1, max: 4096, sensitive: true });
export const ciphertext = blob({ min: 1, max: 6144 });
/** What is signed or has its MAC taken. */
export const message = blob({ min: 1, max: 4096, sensitive: true });
export const signature = blob({ min: 1, max: 6144 });
export const mac = blob({ min: 1, max: 6144 });
/** An X.509 SubjectPublicKeyInfo. */
export const publicKey = blob({ min: 1, max: 8192 });
export const encryptionContext: MapShape = { ...map, contextBytes: 8192 };
export const grantToken = string({ min: 1, max: 8192 });
export const grantTokens = list(grantToken, { min: 0, max: 10 });
export const numberOfBytes = integer({ min: 1, max: 1024 });
export const keyMaterialId = string({ min: 64, max: 64, pattern: "^[a-f0-9]+$" });
export const dryRunModifiers = list(enumeration(["IGNORE_CIPHERTEXT"]));
/** Nitro attestation. */
export const recipient = unavailable(
  structure({ KeyEncryptionAlgorithm: enumeration(["RSAES_OAEP_SHA_256"]), AttestationDocument: blob({ min: 1, max: 262144 }) }),
);

export const limit = integer({ min: 1, max: 1000 });
export const marker = string({ min: 1, max: 1024, pattern: "[\\u0020-\\u00FF]*" });

export const policyName = string({ min: 1, max: 128, pattern: "[\\w]+" });
export const policyText = string({ min: 1, max: 131072, pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" });
export const description = string({ min: 0, max: 8192 });
export const account = string();

const tagKey = string({ min: 1, max: 128 });
export const tagKeys = list(tagKey);
export const tag = structure({ TagKey: required(tagKey), TagValue: required(string({ min: 0, max: 256 })) });
export const tags = list(tag);

const ALIAS_PREFIX =
  'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html';

/** An alias by its name. AWS's pattern allows a colon, its service does not. */
export const aliasName = string({
  min: 1,
  max: 256,
  pattern: "^[a-zA-Z0-9:/_-]+$",
  refuse(text) {
    if (!text.startsWith("alias/") || text === "alias/") return new Fault("ValidationException", ALIAS_PREFIX);
    if (text.includes(":")) return new Fault("ValidationException", `${text} contains invalid characters for an alias`);
    if (text.startsWith("alias/aws/")) return new Fault("NotAuthorizedException");
    return undefined;
  },
});

/** What an alias points to: never another alias. */
export const targetKeyId = string({
  min: 1,
  max: 2048,
  refuse: (text) =>
    text.startsWith("alias/") || text.includes(":alias/")
      ? new Fault("ValidationException", "Aliases must refer to keys. Not aliases")
      : undefined,
});

/** Each is there for the usage it goes with. */
export const algorithmLists = {
  EncryptionAlgorithms: list(encryptionAlgorithm),
  SigningAlgorithms: list(signingAlgorithm),
  KeyAgreementAlgorithms: list(keyAgreementAlgorithm),
  EncapsulationAlgorithms: list(encapsulationAlgorithm),
} as const;

export const regionName = string({ min: 1, max: 32, pattern: "^([a-z]+-){2,3}\\d+$" });
const multiRegionKey = structure({ Arn: keyArn, Region: regionName });

export const keyMetadata = structure({
  AWSAccountId: account,
  KeyId: required(keyId),
  Arn: keyArn,
  CreationDate: timestamp,
  Enabled: boolean,
  Description: description,
  KeyUsage: keyUsage,
  KeyState: keyState,
  DeletionDate: timestamp,
  ValidTo: timestamp,
  Origin: origin,
  ExpirationModel: expirationModel,
  KeyManager: enumeration(["AWS", "CUSTOMER"]),
  CustomerMasterKeySpec: customerMasterKeySpec,
  KeySpec: keySpec,
  ...algorithmLists,
  MacAlgorithms: list(macAlgorithm),
  MultiRegion: boolean,
  MultiRegionConfiguration: structure({
    MultiRegionKeyType: enumeration(["PRIMARY", "REPLICA"]),
    PrimaryKey: multiRegionKey,
    ReplicaKeys: list(multiRegionKey),
  }),
  PendingDeletionWindowInDays: integer({ min: 1, max: 365 }),
  CurrentKeyMaterialId: keyMaterialId,
});

/** A principal by its ARN; older callers name services so too. */
export const principal = string({ min: 1, max: 256, pattern: "^[\\w+=,.@:/-]+$" });
export const servicePrincipal = string({ min: 1, max: 128, pattern: "^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$" });
export const grantId = string({ min: 1, max: 128 });
export const grantName = string({ min: 1, max: 256, pattern: "^[a-zA-Z0-9:/_-]+$" });
export const grantOperations = list(
  enumeration([
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
  ]),
);
export const grantConstraints = structure({
  EncryptionContextSubset: map,
  EncryptionContextEquals: map,
  SourceArn: string({ min: 20, max: 512, pattern: "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$" }),
});
export const grantEntry = structure({
  KeyId: keyId,
  GrantId: grantId,
  Name: grantName,
  CreationDate: timestamp,
  GranteePrincipal: principal,
  RetiringPrincipal: principal,
  IssuingAccount: principal,
  Operations: grantOperations,
  Constraints: grantConstraints,
  GranteeServicePrincipal: servicePrincipal,
  RetiringServicePrincipal: servicePrincipal,
});

/** How a list is answered. */
export const pageOf = { NextMarker: marker, Truncated: boolean } as const;
