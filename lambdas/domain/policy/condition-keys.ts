/**
 * The condition keys that mean something here. One that AWS has and that is missing from this list refuses where a Deny asks for it, and
 * allows nothing where an Allow does.
 *
 * @see AWS KMS Developer Guide, "Condition keys for AWS KMS"; IAM User Guide, "AWS global condition context keys" and "IAM and AWS STS
 * condition context keys"
 */
export interface ConditionKey {
  readonly type: "string" | "numeric" | "date" | "bool" | "arn" | "ip";
  /** A request can have several values, so that a policy needs `ForAnyValue` or `ForAllValues`. */
  readonly many: boolean;
}

const KMS = {
  string: [
    "CallerAccount",
    "CustomerMasterKeySpec",
    "CustomerMasterKeyUsage",
    "DataKeyPairSpec",
    "EncapsulationAlgorithm",
    "EncryptionAlgorithm",
    "ExpirationModel",
    "GrantConstraintType",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "KeyAgreementAlgorithm",
    "KeyOrigin",
    "KeySpec",
    "KeyUsage",
    "MacAlgorithm",
    "MessageType",
    "MultiRegionKeyType",
    "PolicyName",
    "PrimaryRegion",
    "ReplicaRegion",
    "RequestAlias",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "SigningAlgorithm",
    "ViaService",
    "WrappingAlgorithm",
    "WrappingKeySpec",
  ],
  strings: ["EncryptionContextKeys", "GrantOperations", "ResourceAliases"],
  bool: ["BypassPolicyLockoutSafetyCheck", "GrantIsForAWSResource", "MultiRegion", "ReEncryptOnSameKey"],
  numeric: ["RotationPeriodInDays", "ScheduleKeyDeletionPendingWindowInDays", "TrailingDaysWithoutKeyUsage"],
  date: ["ValidTo"],
  arn: ["GrantConstraintSourceArn"],
};

const AWS = {
  string: [
    "CalledViaFirst",
    "CalledViaLast",
    "FederatedProvider",
    "PrincipalAccount",
    "PrincipalOrgID",
    "PrincipalServiceName",
    "PrincipalType",
    "Referer",
    "RequestedRegion",
    "ResourceAccount",
    "ResourceOrgID",
    "SourceAccount",
    "SourceIdentity",
    "SourceOrgID",
    "SourceVpc",
    "SourceVpce",
    "UserAgent",
    "UserId",
    "Username",
  ],
  strings: ["CalledVia", "PrincipalOrgPaths", "PrincipalServiceNamesList", "ResourceOrgPaths", "SourceOrgPaths", "TagKeys"],
  bool: ["MultiFactorAuthPresent", "PrincipalIsAWSService", "SecureTransport", "ViaAWSService"],
  numeric: ["MultiFactorAuthAge"],
  date: ["CurrentTime", "EpochTime", "TokenIssueTime"],
  arn: ["PrincipalArn", "SourceArn"],
  ip: ["SourceIp", "VpcSourceIp"],
};

const STS = { string: ["ExternalId", "RoleSessionName", "SourceIdentity"], strings: ["TransitiveTagKeys"] };
const IAM = { string: ["PassedToService"], arn: ["PermissionsBoundary", "PolicyARN"] };

/** Families of keys, by the part before the name that is free to choose. */
const FAMILIES = ["kms:encryptioncontext:", "aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/"];

/** The measurements of an attested caller: an enclave's image and PCR0 to 31, a NitroTPM's PCR0 to 23. */
const ATTESTATION = /^kms:recipientattestation:(?:imagesha384|pcr(?:[12]?\d|3[01])|nitrotpmpcr(?:1?\d|2[0-3]))$/;

/** What an OpenID Connect issuer says of a subject, such as `token.actions.githubusercontent.com:sub`. */
const CLAIM = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?:\/[a-z0-9._~/-]*)?:[a-z0-9_/-]+$/;

const KEYS = new Map([...named("kms", KMS), ...named("aws", AWS), ...named("sts", STS), ...named("iam", IAM)]);
const ONE_STRING: ConditionKey = { type: "string", many: false };

function named(service: string, types: Readonly<Record<string, readonly string[]>>): readonly (readonly [string, ConditionKey])[] {
  return Object.entries(types).flatMap(([type, names]) =>
    names.map((name) => {
      const key = type === "strings" ? { type: "string", many: true } : { type, many: false };
      return [`${service}:${name}`.toLowerCase(), key as ConditionKey] as const;
    }),
  );
}

/** @param name in lower case, for "condition key names are not case-sensitive". */
export function conditionKey(name: string): ConditionKey | undefined {
  const key = KEYS.get(name);
  if (key !== undefined) return key;
  const family = FAMILIES.some((prefix) => name.length > prefix.length && name.startsWith(prefix));
  return family || ATTESTATION.test(name) ? ONE_STRING : undefined;
}

export const isConditionKey = (name: string): boolean => conditionKey(name) !== undefined;

/** @param name in lower case. */
export const isIssuerClaim = (name: string): boolean => CLAIM.test(name);
