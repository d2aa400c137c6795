import { formatPolicy } from "./format.ts";

/** What the console's policy depends on. */
export interface KeyAskedFor {
  /** Such as `SYMMETRIC_DEFAULT`, `RSA_2048`. */
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
}

/** Who may do what with a key that is made as the console makes it. */
export interface KeyPeople {
  readonly account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`: that of the key's Region. */
  readonly partition: string;
  /** ARNs of users and roles. */
  readonly administrators: readonly string[];
  /** ARNs of users and roles, and root ARNs of other accounts. */
  readonly users: readonly string[];
}

/**
 * The policy that the console of AWS makes: the account, the key's administrators, who use it, and who let AWS services use it.
 *
 * A part that nobody is named for is left out.
 * @see AWS KMS Developer Guide, "Default key policy", "Creating a default key policy using the AWS Management Console"
 */
export function consoleKeyPolicy({ account, partition, administrators, users }: KeyPeople, key: KeyAskedFor): string {
  const statements = [
    allow("Enable IAM User Permissions", [`arn:${partition}:iam::${account}:root`], "kms:*"),
    allow("Allow access for Key Administrators", administrators, administrationOf(key)),
    allow("Allow use of the key", users, useOf(key)),
    {
      ...allow("Allow attachment of persistent resources", users, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
  const named = statements.filter(({ Principal: { AWS } }) => AWS.length > 0);
  return formatPolicy(JSON.stringify({ Version: "2012-10-17", Id: "key-consolepolicy-3", Statement: named }));
}

const allow = (sid: string, who: readonly string[], action: string | readonly string[]) => ({
  Sid: sid,
  Effect: "Allow",
  Principal: { AWS: who.length === 1 ? `${who[0]}` : who },
  Action: action,
  Resource: "*",
});

const administrationOf = ({ spec, origin, multiRegion }: KeyAskedFor): readonly string[] => [
  "kms:Create*",
  "kms:Describe*",
  "kms:Enable*",
  "kms:List*",
  "kms:Put*",
  "kms:Update*",
  "kms:Revoke*",
  "kms:Disable*",
  "kms:Get*",
  "kms:Delete*",
  ...(origin === "EXTERNAL" ? ["kms:ImportKeyMaterial"] : []),
  "kms:TagResource",
  "kms:UntagResource",
  "kms:ScheduleKeyDeletion",
  "kms:CancelKeyDeletion",
  ...(multiRegion ? ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"] : []),
  ...(spec === "SYMMETRIC_DEFAULT" ? ["kms:RotateKeyOnDemand"] : []),
];

/** What users of an asymmetric or HMAC key may do, by its usage. */
const USES: ReadonlyMap<string, readonly string[]> = new Map([
  ["ENCRYPT_DECRYPT", ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]],
  ["SIGN_VERIFY", ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]],
  ["GENERATE_VERIFY_MAC", ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]],
  ["KEY_AGREEMENT", ["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"]],
  ["ENCAPSULATE_DECAPSULATE", ["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"]],
]);

const useOf = ({ spec, usage }: KeyAskedFor): readonly string[] =>
  spec === "SYMMETRIC_DEFAULT"
    ? ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    : (USES.get(usage) ?? ["kms:DescribeKey"]);
