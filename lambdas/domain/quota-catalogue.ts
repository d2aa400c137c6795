import { BUCKETS } from "./quota-file.ts";
import { RESOURCE_QUOTAS } from "./quota-resources.ts";
import { isResource, type QuotaValues } from "./quota-values.ts";

/** A quota, as Service Quotas names it. */
export interface Quota {
  readonly code: string;
  readonly title: string;
  /** As everything else here names it: `trent quota set` and a file of quotas. */
  readonly name: string;
}

/**
 * AWS's codes, as far as they are public; the others have codes of our own, which begin with `T-`.
 * @see AWS KMS Developer Guide, "Request quotas": each quota has a code in Service Quotas
 */
const CODES: Readonly<Record<string, string>> = {
  KeysPerAccount: "L-C2F1777E",
  AliasesPerKey: "L-340F62FB",
  GrantsPerKey: "L-D594A657",
  "Cryptographic operations (symmetric)": "L-6E3AF000",
  "Cryptographic operations (RSA)": "L-2AC98190",
  "Cryptographic operations (ECC)": "L-DC14942D",
  "GenerateDataKeyPair (ECC_NIST_P256)": "L-D2EEB5E0",
  "GenerateDataKeyPair (ECC_NIST_P384)": "L-16B46EF0",
  "GenerateDataKeyPair (ECC_NIST_P521)": "L-1D966DA0",
  CancelKeyDeletion: "L-635264CC",
  ConnectCustomKeyStore: "L-705B9E79",
  CreateAlias: "L-F7504F73",
  CreateCustomKeyStore: "L-08932E37",
  CreateGrant: "L-0428A42E",
  CreateKey: "L-32B67F4A",
  DeleteAlias: "L-1F75ADD1",
  DeleteCustomKeyStore: "L-E99520CB",
  DeleteImportedKeyMaterial: "L-1233BF9B",
  DescribeCustomKeyStores: "L-E20AA94C",
  DescribeKey: "L-FAE8F084",
  DisableKey: "L-6B8C93BD",
  DisableKeyRotation: "L-CE1DB614",
  DisconnectCustomKeyStore: "L-9F1FCF6D",
  EnableKey: "L-BD96F100",
  EnableKeyRotation: "L-BE799B67",
};

const TITLES: Readonly<Record<string, string>> = {
  KeysPerAccount: "Customer Master Keys (CMKs)",
  AliasesPerKey: "Aliases per CMK",
  GrantsPerKey: "Grants per CMK",
  KeyPolicySize: "Key policy document size",
  TagsPerKey: "Tags per CMK",
};

/** Another service's. */
const ELSEWHERE = ["LookupEvents"];

/** All quotas of KMS, by code. */
export const QUOTAS: readonly Quota[] = [...Object.keys(RESOURCE_QUOTAS), ...BUCKETS.filter((name) => !ELSEWHERE.includes(name))]
  .map((name) => ({ name, code: CODES[name] ?? ownCode(name), title: TITLES[name] ?? `${name} request rate` }))
  .sort((one, other) => (one.code < other.code ? -1 : 1));

function ownCode(name: string): string {
  return `T-${name.replaceAll(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "")}`;
}

const UNLIMITED = 10_000_000_000;

/** What holds, as Service Quotas tells it: what has no limit has the largest value that it knows. */
export const heldValue = (quota: Quota, values: QuotaValues): number => values.of(quota.name) ?? UNLIMITED;
export const usualValue = (quota: Quota, values: QuotaValues): number => values.usual(quota.name) ?? UNLIMITED;

/** @see Service Quotas API Reference, ServiceQuota */
export function shownQuota(
  { code, title, name }: Quota,
  value: number,
  { region, account }: { readonly region: string; readonly account: string },
) {
  return {
    ...shownService(code, title, { region, account }),
    Value: value,
    Adjustable: true,
    ...(!isResource(name) && { Period: { PeriodValue: 1, PeriodUnit: "SECOND" as const } }),
    QuotaAppliedAtLevel: "ACCOUNT" as const,
  };
}

/** What quotas and requests have in common. */
export const shownService = (code: string, title: string, { region, account }: { readonly region: string; readonly account: string }) => ({
  ServiceCode: "kms",
  ServiceName: "AWS Key Management Service (AWS KMS)",
  QuotaArn: `arn:aws:servicequotas:${region}:${account}:kms/${code}`,
  QuotaCode: code,
  QuotaName: title,
  Unit: "None",
  GlobalQuota: false,
});
