/** @see AWS KMS Developer Guide, "Controlling access to grants": "kms:GrantConstraintType" and those beside it */
import type { CreateGrantCommandInput } from "@aws-sdk/client-kms";
import { describe } from "vitest";
import { ADMINISTRATOR, startKms } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";
import { type Act, createGrant, listGrants, revokeGrant, withCaller } from "./acts.ts";
import { everything, itDecides, ROOT } from "./examples.ts";

const constrained = (Constraints: CreateGrantCommandInput["Constraints"]): Act => createGrant(ROOT, ["Encrypt"], { Constraints });
const toRetireBy = (RetiringPrincipal: string): Act => createGrant(ROOT, ["Encrypt"], { RetiringPrincipal });
const SourceArn = `arn:aws:backup:${HOME}:${ACCOUNT}:backup-vault:vault`;
const toService = (GranteeServicePrincipal: string, rest: Partial<CreateGrantCommandInput> = {}): Act =>
  createGrant(undefined, ["Encrypt"], { GranteeServicePrincipal, RetiringPrincipal: ROOT, Constraints: { SourceArn }, ...rest });
const creating = (Condition: object) => [{ Action: "kms:CreateGrant", Condition }];

describe("conditions on the grants that somebody makes", () => {
  const kms = startKms();

  itDecides(kms, {
    of: "a key policy that limits the operations (kms:GrantOperations, ForAllValues)",
    key: creating({ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Encrypt", "ReEncryptTo"] } }),
    allows: { "one of them": createGrant(ROOT, ["Encrypt"]), both: createGrant(ROOT, ["ReEncryptTo", "Encrypt"]) },
    refuses: { another: createGrant(ROOT, ["Decrypt"]), "another beside them": createGrant(ROOT, ["Encrypt", "ReEncryptTo", "Decrypt"]) },
  });

  itDecides(kms, {
    of: "a key policy that requires one of several operations (kms:GrantOperations, ForAnyValue)",
    key: creating({ "ForAnyValue:StringEquals": { "kms:GrantOperations": ["Encrypt", "ReEncryptTo"] } }),
    allows: { "one of them": createGrant(ROOT, ["ReEncryptTo"]), "one beside others": createGrant(ROOT, ["Decrypt", "Encrypt"]) },
    refuses: { others: createGrant(ROOT, ["Decrypt", "ReEncryptFrom"]), "one that begins like it": createGrant(ROOT, ["ReEncryptFrom"]) },
  });

  itDecides(kms, {
    of: "an identity policy that denies to grant an operation",
    identity: [
      everything,
      { Effect: "Deny", Action: "kms:CreateGrant", Condition: { "ForAnyValue:StringEquals": { "kms:GrantOperations": "Decrypt" } } },
    ],
    allows: { others: createGrant(ROOT, ["Encrypt", "DescribeKey"]) },
    refuses: { it: createGrant(ROOT, ["Decrypt"]), "it among others": createGrant(ROOT, ["Encrypt", "Decrypt", "DescribeKey"]) },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "a key policy that names the grantee (kms:GranteePrincipal)",
    key: creating({ StringEquals: { "kms:GranteePrincipal": ADMINISTRATOR } }),
    allows: { it: createGrant(ADMINISTRATOR) },
    refuses: { "the account": createGrant(ROOT), oneself: withCaller("kms:CreateGrant", ({ arn }) => createGrant(arn)) },
  });

  itDecides(kms, {
    of: "a key policy by which users grant to themselves only",
    key: ({ arn }) => creating({ StringEquals: { "kms:GranteePrincipal": arn } }),
    allows: { oneself: withCaller("kms:CreateGrant", ({ arn }) => createGrant(arn)) },
    refuses: { others: createGrant(ADMINISTRATOR), "the account": createGrant(ROOT) },
  });

  itDecides(kms, {
    of: "a key policy that names who may retire it (kms:RetiringPrincipal)",
    key: creating({ StringEquals: { "kms:RetiringPrincipal": [ADMINISTRATOR, `arn:aws:iam::${ACCOUNT}:role/LimitedAdminRole`] } }),
    allows: { it: toRetireBy(ADMINISTRATOR) },
    refuses: { another: toRetireBy(ROOT), "no retiring principal": createGrant(ADMINISTRATOR) },
  });

  itDecides(kms, {
    of: "a key policy that asks for a kind of constraint (kms:GrantConstraintType)",
    key: creating({ StringEquals: { "kms:GrantConstraintType": "EncryptionContextEquals" } }),
    allows: { it: constrained({ EncryptionContextEquals: { a: "1" } }) },
    refuses: { "the other kind": constrained({ EncryptionContextSubset: { a: "1" } }), "no constraint": createGrant(ROOT) },
  });

  itDecides(kms, {
    of: "a key policy that asks for either kind of constraint",
    key: creating({ StringLike: { "kms:GrantConstraintType": "EncryptionContext*" } }),
    allows: {
      "the one": constrained({ EncryptionContextEquals: { a: "1" } }),
      "the other": constrained({ EncryptionContextSubset: { a: "1" } }),
    },
    refuses: { "no constraint": createGrant(ROOT) },
  });

  itDecides(kms, {
    of: "a key policy for what AWS services do on somebody's behalf (kms:GrantIsForAWSResource)",
    key: [{ Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], Condition: { Bool: { "kms:GrantIsForAWSResource": true } } }],
    allows: {},
    refuses: { "to create one directly": createGrant(ROOT), "to list them": listGrants, "to revoke one": revokeGrant(kms, ROOT) },
  });

  itDecides(kms, {
    of: "a key policy with all of them at once",
    key: creating({
      "ForAllValues:StringEquals": { "kms:GrantOperations": ["Encrypt"] },
      StringEquals: { "kms:GranteePrincipal": ROOT, "kms:RetiringPrincipal": ROOT, "kms:GrantConstraintType": "EncryptionContextSubset" },
    }),
    allows: {
      "what fulfils all": createGrant(ROOT, ["Encrypt"], { RetiringPrincipal: ROOT, Constraints: { EncryptionContextSubset: { a: "1" } } }),
    },
    refuses: {
      "another operation": createGrant(ROOT, ["Decrypt"], {
        RetiringPrincipal: ROOT,
        Constraints: { EncryptionContextSubset: { a: "1" } },
      }),
      "another grantee": createGrant(ADMINISTRATOR, ["Encrypt"], {
        RetiringPrincipal: ROOT,
        Constraints: { EncryptionContextSubset: { a: "1" } },
      }),
      "another to retire it": createGrant(ROOT, ["Encrypt"], {
        RetiringPrincipal: ADMINISTRATOR,
        Constraints: { EncryptionContextSubset: { a: "1" } },
      }),
      "another constraint": createGrant(ROOT, ["Encrypt"], {
        RetiringPrincipal: ROOT,
        Constraints: { EncryptionContextEquals: { a: "1" } },
      }),
    },
  });

  itDecides(kms, {
    of: "a key policy that names a service as grantee (kms:GranteeServicePrincipal)",
    key: creating({ StringEquals: { "kms:GranteeServicePrincipal": "backup.amazonaws.com" } }),
    allows: { it: toService("backup.amazonaws.com") },
    refuses: { "another service": toService("rds.amazonaws.com"), "no service": createGrant(ROOT) },
  });

  itDecides(kms, {
    of: "a key policy that asks on whose behalf (kms:GrantConstraintSourceArn)",
    key: creating({ ArnLike: { "kms:GrantConstraintSourceArn": `arn:aws:backup:*:${ACCOUNT}:*` } }),
    allows: { it: toService("backup.amazonaws.com") },
    refuses: {
      "another's": toService("backup.amazonaws.com", { Constraints: { SourceArn: SourceArn.replace(ACCOUNT, "999988887777") } }),
      "no one's": createGrant(ROOT),
    },
  });

  itDecides(kms, {
    of: "a key policy that names a service to retire it (kms:RetiringServicePrincipal)",
    key: creating({ StringEquals: { "kms:RetiringServicePrincipal": "backup.amazonaws.com" } }),
    allows: { it: createGrant(ROOT, ["Encrypt"], { RetiringServicePrincipal: "backup.amazonaws.com" }) },
    refuses: {
      "another service": createGrant(ROOT, ["Encrypt"], { RetiringServicePrincipal: "rds.amazonaws.com" }),
      "no service": toRetireBy(ROOT),
    },
  });
});
