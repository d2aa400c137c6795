import { partitionOf } from "./arn.ts";
import { type Key, newKey } from "./key.ts";
import { formatPolicy } from "./policy/format.ts";
import { yearlyFrom } from "./rotation.ts";
import { serviceOfAlias, viaService } from "./service-principal.ts";

/**
 * The key of a service in an account, before it has material: the service uses it for principals of the account, and nobody can change it.
 *
 * Its policy says so, and no policy that its account can write says otherwise: of what is done to a key, it gives nobody anything.
 * @see AWS KMS Developer Guide, "AWS managed keys"
 */
export function awsManagedKey({ alias, ...facts }: Pick<Key, "id" | "account" | "region" | "created"> & { readonly alias: string }): Key {
  const name = alias.slice("alias/aws/".length);
  return {
    ...newKey({
      ...facts,
      spec: "SYMMETRIC_DEFAULT",
      usage: "ENCRYPT_DECRYPT",
      description: `Default key that protects my ${name} data when no other key is defined`,
      policy: policyOf(alias, facts.account, facts.region),
      principals: {},
      tags: new Map(),
      materials: [],
    }),
    manager: "AWS",
    rotation: yearlyFrom(facts.created),
  };
}

/** @see AWS KMS Developer Guide, "View a key policy", "AWS managed key policies" */
function policyOf(alias: string, account: string, region: string): string {
  const name = alias.slice("alias/aws/".length);
  const statements = [
    {
      Sid: `Allow access through ${name} for all principals in the account that are authorized to use ${name}`,
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": account, "kms:ViaService": viaService(serviceOfAlias(alias) ?? "", region) },
      },
    },
    {
      Sid: "Allow direct access to key metadata to the account",
      Effect: "Allow",
      Principal: { AWS: `arn:${partitionOf(region)}:iam::${account}:root` },
      Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
      Resource: "*",
    },
  ];
  return formatPolicy(JSON.stringify({ Version: "2012-10-17", Id: `auto-${name}-1`, Statement: statements }));
}

/** An id that is always the same for one service, account and Region: of any number of first uses, all make one key. */
export function managedKeyId(tag: Uint8Array): string {
  const bytes = Uint8Array.from(tag.subarray(0, 16));
  // Version 4, variant 1, as the ids of all keys.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
