import type { EntityKind } from "./entity.ts";

/** The name of something of IAM's, taken apart. @see IAM User Guide, "IAM ARNs". */
export interface IamName {
  readonly partition: string;
  /** Twelve digits, or `aws` for what AWS manages. */
  readonly account: string;
  readonly kind: EntityKind | "oidc-provider";
  /** From slash to slash. */
  readonly path: string;
  readonly name: string;
}

export const entityArn = (partition: string, account: string, kind: EntityKind, path: string, name: string): string =>
  `arn:${partition}:iam::${account}:${kind}${path}${name}`;

const ARN = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}|aws):(user|role|group|policy|oidc-provider)(\/(?:.*\/)?)([^/]+)$/s;

/** Undefined for what is none. Of an OpenID Connect provider, path and name are its URL. */
export function parseIamArn(text: string): IamName | undefined {
  const [, partition, account, kind, path, name] = ARN.exec(text) ?? [];
  if (partition === undefined || account === undefined || path === undefined || name === undefined) return undefined;
  return { partition, account, kind: kind as IamName["kind"], path, name };
}

/** The partition that a caller's ARN is of: what the caller makes is of the same. */
export const partitionIn = (arn: string): string => arn.split(":")[1] ?? "aws";
