/** Requests a second: one number, or one by Region with `*` for the others. */
export type Rate = number | Readonly<Record<string, number>>;

/** The rate of every bucket that has one; a bucket without a rate is unlimited. A quota file has this shape. */
export type QuotaProfile = Readonly<Record<string, Rate>>;

/** The cryptographic operations share one bucket by the type of key. The names are those of AWS's Service Quotas. */
export const SYMMETRIC = "Cryptographic operations (symmetric)";
export const RSA = "Cryptographic operations (RSA)";
export const ECC = "Cryptographic operations (ECC)";
export const ML_DSA = "Cryptographic operations (ML-DSA)";
export const ML_KEM = "Cryptographic operations (ML-KEM)";

/** The bucket of GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext for one KeyPairSpec. */
export function keyPairBucket(spec: string): string {
  return `GenerateDataKeyPair (${spec})`;
}

const tiers = (first: number, second: number, others: number): Rate => ({
  "us-east-1": first,
  "us-west-2": first,
  "eu-west-1": first,
  "us-east-2": second,
  "ap-southeast-1": second,
  "ap-southeast-2": second,
  "ap-northeast-1": second,
  "eu-central-1": second,
  "eu-west-2": second,
  "*": others,
});
const exceptChina = (rate: number, china: number): Rate => ({ "cn-north-1": china, "cn-northwest-1": china, "*": rate });
const each = (rate: number, buckets: readonly string[]): QuotaProfile => Object.fromEntries(buckets.map((bucket) => [bucket, rate]));

/**
 * AWS's quotas of 2026.
 *
 * @see AWS KMS Developer Guide, "Request quotas". AWS gives none for ML-KEM yet: those of ML-DSA and of ECC key pairs stand in.
 */
const current: QuotaProfile = {
  [SYMMETRIC]: tiers(100_000, 20_000, 10_000),
  ...each(1000, [RSA, ECC, ML_DSA, ML_KEM]),
  ...each(100, ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"].map(keyPairBucket)),
  ...each(100, ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"].map(keyPairBucket)),
  [keyPairBucket("RSA_2048")]: exceptChina(20, 1),
  [keyPairBucket("RSA_3072")]: exceptChina(4, 0.5),
  [keyPairBucket("RSA_4096")]: exceptChina(1, 0.1),
  [keyPairBucket("SM2")]: 25,
  ...each(2000, ["DescribeKey", "GetPublicKey", "ListResourceTags"]),
  ...each(1000, ["GetKeyPolicy", "GetKeyRotationStatus"]),
  ...each(500, ["ListAliases", "ListKeys"]),
  ...each(100, ["ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListRetirableGrants"]),
  ...each(50, ["CreateGrant", "RetireGrant", "RevokeGrant"]),
  ...each(15, ["DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"]),
  ...each(15, ["DeleteImportedKeyMaterial", "ImportKeyMaterial"]),
  TagResource: 10,
  ...each(5, ["CancelKeyDeletion", "CreateAlias", "CreateKey", "DisableKey", "DisableKeyRotation", "EnableKey", "GetKeyLastUsage"]),
  ...each(5, ["ReplicateKey", "RotateKeyOnDemand", "UntagResource", "UpdateAlias", "UpdateKeyDescription", "UpdatePrimaryRegion"]),
  ...each(5, ["ConnectCustomKeyStore", "CreateCustomKeyStore", "DeleteCustomKeyStore", "DescribeCustomKeyStores"]),
  ...each(5, ["DisconnectCustomKeyStore", "UpdateCustomKeyStore"]),
  GetParametersForImport: 1,
  LookupEvents: 2,
};

/** AWS's quotas of May 2023; what AWS did not have then keeps today's rate. The page's separate 300 for SM2 is shared with ECC, as today. */
const of2023: QuotaProfile = {
  ...current,
  [SYMMETRIC]: tiers(50_000, 10_000, 5_500),
  [RSA]: 500,
  [ECC]: 300,
  ...each(25, ["ECC_NIST_P256", "ECC_SECG_P256K1"].map(keyPairBucket)),
  [keyPairBucket("ECC_NIST_P384")]: 10,
  [keyPairBucket("ECC_NIST_P521")]: 5,
  [keyPairBucket("RSA_2048")]: 1,
  [keyPairBucket("RSA_3072")]: 0.5,
  [keyPairBucket("RSA_4096")]: 0.1,
  ...each(30, ["RetireGrant", "RevokeGrant"]),
  ...each(5, ["DeleteImportedKeyMaterial", "ImportKeyMaterial"]),
  GetParametersForImport: 0.25,
};

/** The profiles that ship, by the names that `--quotas` takes. */
export const QUOTA_PROFILES = { current, "2023": of2023, off: {} } as const satisfies Record<string, QuotaProfile>;

/** Requests a second of one bucket in one Region; undefined = unlimited. */
export function rateOf(profile: QuotaProfile, region: string, bucket: string): number | undefined {
  const rate = profile[bucket];
  return typeof rate === "object" ? (rate[region] ?? rate["*"]) : rate;
}
