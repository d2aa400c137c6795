/**
 * The condition keys that each operation supplies, against AWS's list.
 * @see Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service"
 */
import { expect, test } from "vitest";
import { isConditionKey } from "#domain/policy/condition-keys";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";

const CONTEXT = ["kms:EncryptionContext:", "kms:EncryptionContextKeys"];
const CRYPTOGRAPHIC = [...CONTEXT, "kms:EncryptionAlgorithm", "kms:RequestAlias"];

/** What AWS lists beyond the keys of every call and of every KMS key. Operations that are not here have none. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  CreateGrant: [
    ...CONTEXT,
    "kms:GrantConstraintSourceArn",
    "kms:GrantConstraintType",
    "kms:GrantOperations",
    "kms:GranteePrincipal",
    "kms:GranteeServicePrincipal",
    "kms:RetiringPrincipal",
    "kms:RetiringServicePrincipal",
  ],
  CreateKey: [
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "aws:TagKeys",
    "kms:BypassPolicyLockoutSafetyCheck",
    "kms:CustomerMasterKeySpec",
    "kms:CustomerMasterKeyUsage",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
  ],
  Decapsulate: ["kms:EncapsulationAlgorithm", "kms:RequestAlias"],
  Decrypt: CRYPTOGRAPHIC,
  DeriveSharedSecret: ["kms:KeyAgreementAlgorithm", "kms:RequestAlias"],
  DescribeKey: ["kms:RequestAlias"],
  DisableKey: ["kms:TrailingDaysWithoutKeyUsage"],
  EnableKeyRotation: ["kms:RotationPeriodInDays"],
  Encapsulate: ["kms:EncapsulationAlgorithm", "kms:RequestAlias"],
  Encrypt: CRYPTOGRAPHIC,
  GenerateDataKey: CRYPTOGRAPHIC,
  GenerateDataKeyPair: [...CRYPTOGRAPHIC, "kms:DataKeyPairSpec"],
  GenerateDataKeyPairWithoutPlaintext: [...CRYPTOGRAPHIC, "kms:DataKeyPairSpec"],
  GenerateDataKeyWithoutPlaintext: CRYPTOGRAPHIC,
  GenerateMac: ["kms:MacAlgorithm", "kms:RequestAlias"],
  GetKeyPolicy: ["kms:PolicyName"],
  GetParametersForImport: ["kms:WrappingAlgorithm", "kms:WrappingKeySpec"],
  GetPublicKey: ["kms:RequestAlias"],
  ImportKeyMaterial: ["kms:ExpirationModel", "kms:ValidTo"],
  PutKeyPolicy: ["kms:BypassPolicyLockoutSafetyCheck", "kms:PolicyName"],
  ReEncrypt: [...CRYPTOGRAPHIC, "kms:ReEncryptOnSameKey"],
  // What it makes there is asked for as by CreateKey.
  ReplicateKey: [
    ...["aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys", "kms:BypassPolicyLockoutSafetyCheck"],
    ...["kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage"],
    ...["kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ReplicaRegion"],
  ],
  RetireGrant: [...CONTEXT, "kms:GrantConstraintType"],
  ScheduleKeyDeletion: ["kms:ScheduleKeyDeletionPendingWindowInDays", "kms:TrailingDaysWithoutKeyUsage"],
  Sign: ["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"],
  TagResource: ["aws:RequestTag/", "aws:TagKeys"],
  UntagResource: ["aws:TagKeys"],
  UpdatePrimaryRegion: ["kms:PrimaryRegion"],
  Verify: ["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"],
  VerifyMac: ["kms:MacAlgorithm", "kms:RequestAlias"],
};
// Not supplied by any: kms:RecipientAttestation, because a Recipient is refused. A policy that asks for it finds it absent.

function suppliedBy({ on = {}, conditions = {}, alias }: AnyOperation): string[] {
  const targets = Object.values(on).flatMap((target) => [
    ...Object.keys(target.conditions ?? {}),
    ...(target.aliases && !alias ? ["kms:RequestAlias"] : []),
    ...(target.context || target.retires ? CONTEXT : []),
    ...(target.retires ? ["kms:GrantConstraintType"] : []),
    ...(target.idleDays ? ["kms:TrailingDaysWithoutKeyUsage"] : []),
  ]);
  return [...new Set([...Object.keys(conditions), ...targets])].sort();
}

test.each(Object.values<AnyOperation>(kms))("$name supplies the condition keys that AWS lists for it", (operation) => {
  expect(suppliedBy(operation)).toEqual([...(LISTED[operation.name] ?? [])].sort());
});

test("every condition key that an operation supplies is known to policies", () => {
  const supplied = Object.values<AnyOperation>(kms).flatMap(suppliedBy);
  expect(supplied.filter((key) => !isConditionKey(`${key}${/[:/]$/.test(key) ? "any" : ""}`.toLowerCase()))).toEqual([]);
});
