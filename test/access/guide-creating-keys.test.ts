/** @see AWS KMS Developer Guide, "AWS KMS condition keys": those of CreateKey and PutKeyPolicy */
import { describe } from "vitest";
import { startKms } from "../kms/start.ts";
import { createKey, putKeyPolicy } from "./acts.ts";
import { everything, itDecides } from "./examples.ts";

const creating = (Condition: object) => [{ Action: "kms:CreateKey", Condition }];

describe("conditions on the keys that somebody makes", () => {
  const kms = startKms();

  for (const [name, is, isNot] of [
    ["kms:KeySpec", "SYMMETRIC_DEFAULT", "RSA_*"],
    ["kms:CustomerMasterKeySpec", "SYMMETRIC_*", "HMAC_256"],
    ["kms:KeyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY"],
    ["kms:CustomerMasterKeyUsage", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"],
    ["kms:KeyOrigin", "AWS_KMS", "EXTERNAL"],
  ] as const) {
    itDecides(kms, {
      of: `an identity policy that requires ${name} ${is}`,
      identity: creating({ StringLike: { [name]: is } }),
      allows: {
        "what is so by default": createKey(),
        "what says so": createKey({ KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS" }),
      },
      refuses: {},
    });
    itDecides(kms, {
      of: `an identity policy that requires ${name} ${isNot}`,
      identity: creating({ StringLike: { [name]: isNot } }),
      allows: {},
      refuses: { "what is not so by default": createKey(), "what says otherwise": createKey({ KeySpec: "SYMMETRIC_DEFAULT" }) },
    });
    itDecides(kms, {
      of: `an identity policy that denies all but ${name} ${isNot}`,
      identity: [everything, { Effect: "Deny", Action: "kms:CreateKey", Condition: { StringNotLike: { [name]: isNot } } }],
      allows: {},
      refuses: { "what is not so by default": createKey() },
      why: "denied by identity policy",
    });
  }

  itDecides(kms, {
    of: "an identity policy that denies keys for signing",
    identity: [everything, { Effect: "Deny", Action: "kms:CreateKey", Condition: { StringEquals: { "kms:KeyUsage": "SIGN_VERIFY" } } }],
    allows: { "keys for encryption": createKey() },
    refuses: { "keys for signing": createKey({ KeyUsage: "SIGN_VERIFY" }) },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy for single-Region keys (kms:MultiRegion)",
    identity: creating({ Bool: { "kms:MultiRegion": "false" } }),
    allows: { "by default": createKey(), "in so many words": createKey({ MultiRegion: false }) },
    refuses: { "multi-Region keys": createKey({ MultiRegion: true }) },
  });

  itDecides(kms, {
    of: "an identity policy that denies multi-Region primary keys (kms:MultiRegionKeyType)",
    identity: [
      everything,
      { Effect: "Deny", Action: "kms:CreateKey", Condition: { StringEquals: { "kms:MultiRegionKeyType": "PRIMARY" } } },
    ],
    allows: { "single-Region keys": createKey() },
    refuses: { "multi-Region keys": createKey({ MultiRegion: true }) },
    why: "denied by identity policy",
  });

  const bypassing = { BypassPolicyLockoutSafetyCheck: true };
  itDecides(kms, {
    of: "an identity policy that denies to bypass the lockout check (Bool)",
    identity: [
      everything,
      {
        Effect: "Deny",
        Action: ["kms:CreateKey", "kms:PutKeyPolicy"],
        Condition: { Bool: { "kms:BypassPolicyLockoutSafetyCheck": true } },
      },
    ],
    allows: { "to make keys": createKey(), "to change a policy": putKeyPolicy(kms) },
    refuses: {
      "to make keys without the check": createKey(bypassing),
      "to change a policy without the check": putKeyPolicy(kms, bypassing),
    },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy that allows what does not ask to bypass the lockout check (Null)",
    identity: [{ Action: ["kms:CreateKey", "kms:PutKeyPolicy"], Condition: { Null: { "kms:BypassPolicyLockoutSafetyCheck": true } } }],
    allows: { "to make keys": createKey(), "to change a policy": putKeyPolicy(kms) },
    refuses: {
      "to make keys without the check": createKey(bypassing),
      "to change a policy without the check": putKeyPolicy(kms, bypassing),
    },
  });

  itDecides(kms, {
    of: "a key policy that allows what does not ask to bypass the lockout check (Null)",
    key: [{ Action: "kms:PutKeyPolicy", Condition: { Null: { "kms:BypassPolicyLockoutSafetyCheck": true } } }],
    allows: { "to change the policy": putKeyPolicy(kms) },
    refuses: { "to change the policy without the check": putKeyPolicy(kms, bypassing) },
  });

  itDecides(kms, {
    of: "an identity policy that requires what only requests for a key say",
    identity: [{ Action: "kms:*", Condition: { StringEquals: { "aws:ResourceTag/Project": "Alpha" } } }],
    allows: {},
    refuses: { "a request for everything": createKey() },
  });
});
