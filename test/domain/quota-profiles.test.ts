import * as kms from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { bucketOf } from "#domain/quota";
import { QUOTA_PROFILES, rateOf } from "#domain/quota-profiles";

const { current, 2023: of2023, off } = QUOTA_PROFILES;
const symmetric = "Cryptographic operations (symmetric)";
const pair = (spec: string) => `GenerateDataKeyPair (${spec})`;

// KMS Developer Guide, "Request quotas": every row of the page (quotas.md 2), as bucket, Region, 2026, 2023.
// biome-ignore format: one row a line
const ROWS: readonly (readonly [bucket: string, region: string, current: number, of2023: number])[] = [
  ...["us-east-1", "us-west-2", "eu-west-1"].map((region) => [symmetric, region, 100_000, 50_000] as const),
  ...["us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2"].map((region) => [symmetric, region, 20_000, 10_000] as const),
  ...["eu-north-1", "sa-east-1", "cn-north-1", "us-gov-west-1", "me-central-1"].map((region) => [symmetric, region, 10_000, 5_500] as const),
  ["Cryptographic operations (RSA)", "us-east-1", 1000, 500],
  ["Cryptographic operations (ECC)", "us-east-1", 1000, 300],
  ["Cryptographic operations (ML-DSA)", "us-east-1", 1000, 1000],
  ["Cryptographic operations (ML-KEM)", "us-east-1", 1000, 1000],
  [pair("ECC_NIST_P256"), "us-east-1", 100, 25],
  [pair("ECC_NIST_P384"), "us-east-1", 100, 10],
  [pair("ECC_NIST_P521"), "us-east-1", 100, 5],
  [pair("ECC_SECG_P256K1"), "us-east-1", 100, 25],
  [pair("ECC_NIST_EDWARDS25519"), "us-east-1", 100, 100],
  ...["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"].map((spec) => [pair(spec), "us-east-1", 100, 100] as const),
  [pair("RSA_2048"), "us-east-1", 20, 1], [pair("RSA_2048"), "cn-north-1", 1, 1], [pair("RSA_2048"), "cn-northwest-1", 1, 1],
  [pair("RSA_3072"), "us-east-1", 4, 0.5], [pair("RSA_3072"), "cn-north-1", 0.5, 0.5],
  [pair("RSA_4096"), "us-east-1", 1, 0.1], [pair("RSA_4096"), "cn-north-1", 0.1, 0.1],
  [pair("SM2"), "cn-north-1", 25, 25],
  ...["DescribeKey", "GetPublicKey", "ListResourceTags"].map((name) => [name, "us-east-1", 2000, 2000] as const),
  ...["GetKeyPolicy", "GetKeyRotationStatus"].map((name) => [name, "us-east-1", 1000, 1000] as const),
  ...["ListAliases", "ListKeys"].map((name) => [name, "us-east-1", 500, 500] as const),
  ...["ListGrants", "ListKeyPolicies", "ListRetirableGrants", "ListKeyRotations"].map((name) => [name, "us-east-1", 100, 100] as const),
  ["CreateGrant", "us-east-1", 50, 50],
  ...["RetireGrant", "RevokeGrant"].map((name) => [name, "us-east-1", 50, 30] as const),
  ...["DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"].map((name) => [name, "us-east-1", 15, 15] as const),
  ...["DeleteImportedKeyMaterial", "ImportKeyMaterial"].map((name) => [name, "us-east-1", 15, 5] as const),
  ["TagResource", "us-east-1", 10, 10],
  ...["CancelKeyDeletion", "ConnectCustomKeyStore", "CreateAlias", "CreateCustomKeyStore", "CreateKey", "DeleteCustomKeyStore", "DescribeCustomKeyStores",
    "DisableKey", "DisableKeyRotation", "DisconnectCustomKeyStore", "EnableKey", "GetKeyLastUsage", "ReplicateKey", "RotateKeyOnDemand", "UntagResource",
    "UpdateAlias", "UpdateCustomKeyStore", "UpdateKeyDescription", "UpdatePrimaryRegion"].map((name) => [name, "us-east-1", 5, 5] as const),
  ["GetParametersForImport", "us-east-1", 1, 0.25],
  // CloudTrail's.
  ["LookupEvents", "us-east-1", 2, 2],
];

test.each(ROWS)("%s in %s: %d a second; in 2023: %d", (bucket, region, now, then) => {
  expect([rateOf(current, region, bucket), rateOf(of2023, region, bucket), rateOf(off, region, bucket)]).toEqual([now, then, undefined]);
});

test("the table above has every bucket of both profiles", () => {
  const listed = new Set(ROWS.map(([bucket]) => bucket));
  expect([new Set(Object.keys(current)), new Set(Object.keys(of2023))]).toEqual([listed, listed]);
});

test("a bucket without a rate is unlimited", () => {
  expect(rateOf(current, "us-east-1", "GetCallerIdentity")).toBeUndefined();
  expect(rateOf({ CreateKey: { "us-east-1": 7 } }, "us-west-2", "CreateKey")).toBeUndefined();
});

// biome-ignore format: by key type
const SHARED = [
  "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GenerateRandom", "ReEncrypt", "VerifyMac",
  "Sign", "Verify", "DeriveSharedSecret", "Encapsulate", "Decapsulate", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
];

test("every operation of AWS's model has its own bucket or shares one by the type of key", () => {
  const operations = Object.keys(kms).flatMap((name) =>
    name.endsWith("Command") && name !== "$Command" ? [name.slice(0, -"Command".length)] : [],
  );
  expect(operations.length).toBeGreaterThan(50);
  expect(operations.filter((name) => !SHARED.includes(name) && rateOf(current, "us-east-1", name) === undefined)).toEqual([]);
});

test("every key spec and key pair spec of AWS's model has a bucket with a rate", () => {
  for (const spec of Object.keys(kms.KeySpec)) expect(rateOf(current, "us-east-1", bucketOf(spec)), spec).toBeGreaterThan(0);
  for (const spec of Object.keys(kms.DataKeyPairSpec)) expect(rateOf(current, "us-east-1", pair(spec)), spec).toBeGreaterThan(0);
});
