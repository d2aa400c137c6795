import { describe, expect, test } from "vitest";
import { conditionKey, isConditionKey, isIssuerClaim } from "#domain/policy/condition-keys";
import * as operations from "#kms";
import type { AnyOperation } from "#operation";

const typeOf = (name: string) => {
  const key = conditionKey(name.toLowerCase());
  return key === undefined ? "unknown" : `${key.type}${key.many ? " many" : ""}`;
};

// KMS Developer Guide, "Condition keys for AWS KMS"; IAM User Guide, "AWS global condition context keys".
describe("condition keys", () => {
  // biome-ignore format: one row a line
  test.each<[string, string]>([
    ["kms:CallerAccount", "string"], ["kms:ViaService", "string"], ["kms:RequestAlias", "string"], ["kms:PolicyName", "string"],
    ["kms:GrantConstraintType", "string"], ["kms:GranteeServicePrincipal", "string"], ["kms:CustomerMasterKeySpec", "string"],
    ["kms:EncapsulationAlgorithm", "string"], ["kms:PrimaryRegion", "string"], ["kms:ReplicaRegion", "string"],
    ["kms:EncryptionContextKeys", "string many"], ["kms:GrantOperations", "string many"], ["kms:ResourceAliases", "string many"],
    ["kms:MultiRegion", "bool"], ["kms:ReEncryptOnSameKey", "bool"], ["kms:BypassPolicyLockoutSafetyCheck", "bool"], ["kms:GrantIsForAWSResource", "bool"],
    ["kms:RotationPeriodInDays", "numeric"], ["kms:ScheduleKeyDeletionPendingWindowInDays", "numeric"], ["kms:TrailingDaysWithoutKeyUsage", "numeric"],
    ["kms:ValidTo", "date"], ["kms:GrantConstraintSourceArn", "arn"],
    ["kms:EncryptionContext:Department", "string"], ["kms:EncryptionContext:a:b", "string"], ["kms:EncryptionContext:", "unknown"], ["kms:EncryptionContext", "unknown"],
    ["kms:RecipientAttestation:ImageSha384", "string"], ["kms:RecipientAttestation:PCR0", "string"], ["kms:RecipientAttestation:PCR19", "string"],
    ["kms:RecipientAttestation:PCR31", "string"], ["kms:RecipientAttestation:PCR32", "unknown"], ["kms:RecipientAttestation:PCR", "unknown"],
    ["kms:RecipientAttestation:PCR00", "unknown"], ["kms:RecipientAttestation:NitroTPMPCR0", "string"], ["kms:RecipientAttestation:NitroTPMPCR19", "string"],
    ["kms:RecipientAttestation:NitroTPMPCR23", "string"], ["kms:RecipientAttestation:NitroTPMPCR24", "unknown"], ["x.kms:RecipientAttestation:PCR0", "unknown"],
    ["kms:RecipientAttestation:PCR0x", "unknown"],
    ["aws:PrincipalArn", "arn"], ["aws:SourceArn", "arn"], ["aws:SourceIp", "ip"], ["aws:VpcSourceIp", "ip"], ["aws:CurrentTime", "date"],
    ["aws:EpochTime", "date"], ["aws:TokenIssueTime", "date"], ["aws:MultiFactorAuthAge", "numeric"], ["aws:MultiFactorAuthPresent", "bool"],
    ["aws:SecureTransport", "bool"], ["aws:ViaAWSService", "bool"], ["aws:PrincipalIsAWSService", "bool"], ["aws:TagKeys", "string many"],
    ["aws:CalledVia", "string many"], ["aws:PrincipalOrgPaths", "string many"], ["aws:username", "string"], ["aws:userid", "string"],
    ["aws:FederatedProvider", "string"], ["aws:PrincipalTag/Team", "string"], ["aws:PrincipalTag/", "unknown"], ["aws:RequestTag/a", "string"],
    ["aws:ResourceTag/a", "string"], ["aws:ResourceTags/a", "unknown"], ["iam:ResourceTag/a", "string"], ["sts:ExternalId", "string"], ["sts:RoleSessionName", "string"],
    ["sts:SourceIdentity", "string"], ["sts:TransitiveTagKeys", "string many"], ["iam:PermissionsBoundary", "arn"], ["iam:PolicyARN", "arn"],
    ["iam:PassedToService", "string"], ["kms:Unheard", "unknown"], ["s3:prefix", "unknown"], ["", "unknown"], ["constructor", "unknown"],
    ["token.actions.githubusercontent.com:sub", "unknown"],
  ])("%s: %s", (name, type) => {
    expect(typeOf(name)).toBe(type);
    expect(isConditionKey(name.toLowerCase())).toBe(type !== "unknown");
  });

  test("what an operation says under condition keys means something", () => {
    const named = (Object.values(operations) as readonly AnyOperation[]).flatMap(({ conditions, on = {} }) =>
      [conditions, ...Object.values(on).map((target) => target.conditions)].flatMap((declared) => Object.keys(declared ?? {})),
    );
    // A family is declared by its prefix.
    const whole = named.map((name) => (/[/:]$/.test(name) ? `${name}x` : name).toLowerCase());
    expect(whole).not.toEqual([]);
    expect(whole.filter((name) => !isConditionKey(name))).toEqual([]);
  });
});

// IAM User Guide, "Available keys for AWS OIDC federation": the provider's name, then the claim.
describe("claims of issuers", () => {
  test.each([
    "token.actions.githubusercontent.com:sub",
    "token.actions.githubusercontent.com:aud",
    "accounts.google.com:oaud",
    "oidc.eks.us-east-1.amazonaws.com/id/exampled539d4633e53de1b716d3041e:sub",
    "cognito-identity.amazonaws.com:amr",
  ])("%s is one", (name) => expect(isIssuerClaim(name)).toBe(true));

  test.each([
    "token.actions.githubusercontent.com",
    "token.actions.githubusercontent.com:",
    ":sub",
    "kms:sub",
    "-x.example.com:sub",
    "x-.example.com:sub",
    "x..com:sub",
    "a.com:sub:x",
    "a.com :sub",
    " a.com:sub",
  ])("%s is none", (name) => expect(isIssuerClaim(name)).toBe(false));
});
