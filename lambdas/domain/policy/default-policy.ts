import { formatPolicy } from "./format.ts";

/**
 * The policy of a key that was made without one: it lets the account's identity policies decide.
 *
 * @param partition `aws`, `aws-cn` or `aws-us-gov`: that of the key's Region.
 * @see AWS KMS Developer Guide, "Default key policy"
 */
export function defaultKeyPolicy(account: string, partition: string): string {
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  return formatPolicy(JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] }));
}

/** The managed policy of administrators, which every account has from the start. */
export const ADMINISTRATOR_ACCESS = {
  arn: "arn:aws:iam::aws:policy/AdministratorAccess",
  document: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
} as const;
