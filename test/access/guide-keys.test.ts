/** @see AWS KMS Developer Guide, "AWS KMS condition keys": those of the key, and of what is done with it */
import { describe } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { startKms } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";
import {
  type Act,
  cancelDeletion,
  dataKey,
  decrypt,
  describeKey,
  encrypt,
  getKeyPolicy,
  listKeys,
  putKeyPolicy,
  reEncrypt,
  scheduleDeletion,
} from "./acts.ts";
import { enablesIam, everything, itDecides } from "./examples.ts";

describe("conditions on keys, and on what is done with them", () => {
  const kms = startKms();
  /** Lets it be deleted, and keeps it. */
  const scheduled = (days?: number): Act => ({
    ...scheduleDeletion(days),
    by: async (client, key, caller) => {
      const answer = await scheduleDeletion(days).by(client, key, caller);
      await cancelDeletion.by(kms.client, key, caller);
      return answer;
    },
  });
  /** To a key that leaves it to the account. */
  const reEncryptElsewhere: Act = {
    ...reEncrypt(kms),
    by: async (client, key, caller) => reEncrypt(kms, { DestinationKeyId: (await kms.key()).arn }).by(client, key, caller),
  };

  for (const [name, is, isNot] of [
    ["kms:KeySpec", "SYMMETRIC_DEFAULT", "RSA_2048"],
    ["kms:CustomerMasterKeySpec", "SYMMETRIC_DEFAULT", "HMAC_256"],
    ["kms:KeyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY"],
    ["kms:CustomerMasterKeyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY"],
    ["kms:KeyOrigin", "AWS_KMS", "AWS_CLOUDHSM"],
    ["kms:CallerAccount", ACCOUNT, "999988887777"],
    ["aws:ResourceAccount", ACCOUNT, "999988887777"],
    ["aws:PrincipalAccount", ACCOUNT, "999988887777"],
    ["aws:RequestedRegion", HOME, "eu-central-1"],
    ["aws:PrincipalType", "User", "AssumedRole"],
  ] as const)
    for (const [where, statement] of [
      ["a key policy", "key"],
      ["an identity policy", "identity"],
    ] as const) {
      const asking = (value: string) => [{ Action: ["kms:Encrypt", "kms:DescribeKey"], Condition: { StringEquals: { [name]: value } } }];
      itDecides(kms, {
        of: `${where} that asks for ${name} ${is}`,
        [statement]: asking(is),
        allows: { "to use the key": encrypt(), "to see it": describeKey() },
        refuses: { "another operation": getKeyPolicy() },
      });
      itDecides(kms, {
        of: `${where} that asks for ${name} ${isNot}`,
        [statement]: asking(isNot),
        allows: {},
        refuses: { "to use the key": encrypt(), "to see it": describeKey() },
      });
    }

  itDecides(kms, {
    of: "an identity policy that asks every operation for a property of a key",
    identity: [{ Action: "kms:*", Condition: { StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT" } } }],
    allows: { "an operation on a key": encrypt() },
    refuses: { "an operation without a key, which has no such property": listKeys },
  });

  itDecides(kms, {
    of: "a key policy for what comes through an AWS service (kms:ViaService)",
    key: [{ Action: ["kms:Encrypt", "kms:CreateGrant"], Condition: { StringEquals: { "kms:ViaService": `ec2.${HOME}.amazonaws.com` } } }],
    allows: {},
    refuses: { "what comes directly": encrypt() },
  });

  itDecides(kms, {
    of: "a key policy that denies what does not come through an AWS service",
    key: [
      everything,
      { Effect: "Deny", Action: "kms:Encrypt", Condition: { StringNotEquals: { "kms:ViaService": `ec2.${HOME}.amazonaws.com` } } },
    ],
    allows: { "what it does not name": dataKey() },
    refuses: { "what comes directly": encrypt() },
    why: "denied by key policy",
  });

  itDecides(kms, {
    of: "an identity policy for symmetric encryption only (kms:EncryptionAlgorithm, denied otherwise)",
    identity: [
      everything,
      {
        Effect: "Deny",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        Condition: { StringNotEquals: { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT" } },
      },
    ],
    allows: {
      "the default": encrypt(),
      "what says so": encrypt(undefined, { EncryptionAlgorithm: "SYMMETRIC_DEFAULT" }),
      "to decrypt": decrypt(kms),
      "to re-encrypt": reEncrypt(kms),
      "data keys, which are never encrypted otherwise": dataKey(),
    },
    refuses: { "what says otherwise": encrypt(undefined, { EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }) },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "a key policy for one asymmetric algorithm only (kms:EncryptionAlgorithm, denied otherwise)",
    key: [
      everything,
      {
        Effect: "Deny",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        Condition: { StringNotEquals: { "kms:EncryptionAlgorithm": "RSAES_OAEP_SHA_256" } },
      },
    ],
    allows: { "what is no encryption": describeKey() },
    refuses: { "the default": encrypt(), "to decrypt": decrypt(kms), "to re-encrypt": reEncrypt(kms), "data keys": dataKey() },
    why: "denied by key policy",
  });

  itDecides(kms, {
    of: "a key policy for re-encryption under the same key (kms:ReEncryptOnSameKey)",
    key: [{ Action: "kms:ReEncrypt*", Condition: { Bool: { "kms:ReEncryptOnSameKey": true } } }],
    allows: { "the same key": reEncrypt(kms) },
    refuses: { "another key": reEncryptElsewhere, "to decrypt": decrypt(kms) },
  });

  itDecides(kms, {
    of: "a key policy for re-encryption under another key",
    key: [{ Action: "kms:ReEncryptFrom", Condition: { Bool: { "kms:ReEncryptOnSameKey": false } } }],
    identity: [{ Action: "kms:ReEncryptTo" }],
    allows: { "another key": reEncryptElsewhere },
    refuses: { "the same key": reEncrypt(kms) },
  });

  itDecides(kms, {
    of: "an identity policy that denies short waiting periods (kms:ScheduleKeyDeletionPendingWindowInDays)",
    identity: [
      everything,
      {
        Effect: "Deny",
        Action: "kms:ScheduleKeyDeletion",
        Condition: { NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": "21" } },
      },
    ],
    allows: { "21 days": scheduled(21), "30 days": scheduled(30), "the default, which is 30": scheduled() },
    refuses: { "7 days": scheduled(7), "20 days": scheduled(20) },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "a key policy for one waiting period",
    key: [{ Action: "kms:ScheduleKeyDeletion", Condition: { NumericEquals: { "kms:ScheduleKeyDeletionPendingWindowInDays": 7 } } }],
    allows: { "7 days": scheduled(7) },
    refuses: { "8 days": scheduled(8), "the default, which is 30": scheduled() },
  });

  itDecides(kms, {
    of: "a key policy for the policy named default (kms:PolicyName)",
    key: [{ Action: ["kms:GetKeyPolicy", "kms:PutKeyPolicy"], Condition: { StringEquals: { "kms:PolicyName": "default" } } }],
    allows: {
      "to read it by default": getKeyPolicy(),
      "to read it by its name": getKeyPolicy({ PolicyName: "default" }),
      "to write it": putKeyPolicy(kms),
      "to write it by its name": putKeyPolicy(kms, { PolicyName: "default" }),
    },
    refuses: {
      "to read another": getKeyPolicy({ PolicyName: "AWS_RAM" }),
      "to write another": putKeyPolicy(kms, { PolicyName: "AWS_RAM" }),
    },
  });

  itDecides(kms, {
    of: "a key policy with names of keys and actions in other letters, and with wildcards",
    key: [{ Action: ["KMS:encrypt", "kms:Describe???", "kms:*DataKey"], Condition: { StringEquals: { "KMS:callerACCOUNT": ACCOUNT } } }],
    allows: { "to encrypt": encrypt(), "to describe": describeKey(), "to make data keys": dataKey() },
    refuses: { "to decrypt": decrypt(kms), "to read the policy": getKeyPolicy() },
  });

  itDecides(kms, {
    of: "a key policy whose next version does not name the caller",
    key: [everything],
    prepare: (key) => setPolicy(kms, key.id, [enablesIam]),
    allows: {},
    refuses: { "what it allowed before": encrypt() },
    why: "no identity policy",
  });
});
