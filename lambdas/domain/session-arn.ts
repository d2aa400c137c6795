/** The ARNs of those who act by temporary credentials. @see IAM User Guide, "AWS STS session principals" */
import type { Session } from "./session.ts";

const ASSUMED = /^arn:[\w-]+:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/;

type Named = Pick<Session, "partition" | "account"> & { readonly name?: string | undefined };

/** Of a role, without its path. */
export const assumedRoleArn = ({ partition, account, name }: Named, role: string): string =>
  `arn:${partition}:sts::${account}:assumed-role/${role}/${name}`;

export const federatedUserArn = ({ partition, account, name }: Named): string => `arn:${partition}:sts::${account}:federated-user/${name}`;

/** The role of the session with this ARN; undefined when it is no such session's. */
export function roleOfSession(arn: string): { readonly account: string; readonly name: string } | undefined {
  const [, account, name] = ASSUMED.exec(arn) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}
