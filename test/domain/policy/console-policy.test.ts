import { describe, expect, test } from "vitest";
import { consoleKeyPolicy } from "#domain/policy/console-policy";
import { parsePolicy } from "#domain/policy/document";
import { formatPolicy } from "#domain/policy/format";
import { OWN, PRINCIPALS } from "./cast.ts";

const SYMMETRIC = { spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS", multiRegion: false };
const people = { account: OWN, partition: "aws", administrators: [PRINCIPALS.alice], users: [PRINCIPALS.bob, PRINCIPALS["other account"]] };

const ADMINISTRATION = [
  ...["Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"],
  ...["TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion"],
];

// KMS Developer Guide, "Default key policy when you create a KMS key with the AWS Management Console".
test("the console's policy is AWS's, letter for letter", () => {
  const text = consoleKeyPolicy({ ...people, users: [] }, SYMMETRIC);
  expect(text).toBe(`{
  "Version" : "2012-10-17",
  "Id" : "key-consolepolicy-3",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${OWN}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  }, {
    "Sid" : "Allow access for Key Administrators",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${PRINCIPALS.alice}"
    },
    "Action" : [ ${[...ADMINISTRATION, "RotateKeyOnDemand"].map((action) => `"kms:${action}"`).join(", ")} ],
    "Resource" : "*"
  } ]
}`);
  expect(formatPolicy(text)).toBe(text);
});

const statementsOf = (key: Partial<typeof SYMMETRIC>, named: Partial<typeof people> = {}) =>
  JSON.parse(consoleKeyPolicy({ ...people, ...named }, { ...SYMMETRIC, ...key })).Statement;

test("users may use the key, and let AWS services use it for them", () => {
  const AWS = people.users;
  expect(statementsOf({}).slice(2)).toEqual([
    {
      Sid: "Allow use of the key",
      Effect: "Allow",
      Principal: { AWS },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
    },
    {
      Sid: "Allow attachment of persistent resources",
      Effect: "Allow",
      Principal: { AWS },
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Resource: "*",
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ]);
});

describe("what depends on the key", () => {
  const administration = (key: Partial<typeof SYMMETRIC>) =>
    statementsOf(key)[1].Action.filter((action: string) => !ADMINISTRATION.includes(action.slice("kms:".length)));
  const use = (spec: string, usage: string) => statementsOf({ spec, usage })[2].Action.join(" ").replaceAll("kms:", "");

  test("administrators import, replicate and rotate where that is possible", () => {
    expect(administration({})).toEqual(["kms:RotateKeyOnDemand"]);
    expect(administration({ origin: "EXTERNAL" })).toEqual(["kms:ImportKeyMaterial", "kms:RotateKeyOnDemand"]);
    expect(administration({ multiRegion: true })).toEqual(["kms:ReplicateKey", "kms:UpdatePrimaryRegion", "kms:RotateKeyOnDemand"]);
    expect(administration({ spec: "RSA_2048" })).toEqual([]);
  });

  test.each([
    ["HMAC_256", "GENERATE_VERIFY_MAC", "DescribeKey GenerateMac VerifyMac"],
    ["RSA_2048", "ENCRYPT_DECRYPT", "Encrypt Decrypt ReEncrypt* DescribeKey GetPublicKey"],
    ["ECC_NIST_P256", "SIGN_VERIFY", "DescribeKey GetPublicKey Sign Verify"],
    ["ECC_NIST_P256", "KEY_AGREEMENT", "DescribeKey GetPublicKey DeriveSharedSecret"],
    ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "DescribeKey GetPublicKey Encapsulate Decapsulate"],
    ["NEW", "NEW", "DescribeKey"],
  ])("users of %s for %s", (spec, usage, actions) => expect(use(spec, usage)).toBe(actions));
});

test("a part that nobody is named for is left out, the account's never", () => {
  const sids = (named: Partial<typeof people>) =>
    statementsOf({}, named).map(({ Sid }: { Sid: string }) => Sid.split(" ").slice(0, 3).join(" "));
  expect(sids({ administrators: [], users: [] })).toEqual(["Enable IAM User"]);
  expect(sids({ administrators: [] })).toEqual(["Enable IAM User", "Allow use of", "Allow attachment of"]);
});

test("it is a key policy in every partition", () => {
  const text = consoleKeyPolicy({ ...people, partition: "aws-cn" }, SYMMETRIC);
  expect(parsePolicy(text, "key").principals[0]).toEqual({ form: "account", text: `arn:aws-cn:iam::${OWN}:root`, account: OWN });
});
