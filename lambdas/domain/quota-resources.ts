/**
 * How much there may be of something, where nothing else was set for an account.
 * @see AWS KMS Developer Guide, "Resource quotas" and "Key policies in AWS KMS"
 */
export const RESOURCE_QUOTAS = {
  KeysPerAccount: 100_000,
  AliasesPerKey: 50,
  GrantsPerKey: 50_000,
  /** Bytes. */
  KeyPolicySize: 32_768,
  TagsPerKey: 50,
} as const;

export type ResourceQuota = keyof typeof RESOURCE_QUOTAS;
