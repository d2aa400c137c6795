/**
 * Amazon Resource Names, and the identifiers that a caller may name a key by.
 * @see IAM User Guide, "IAM ARNs"; AWS KMS Developer Guide, "Key identifiers (KeyId)".
 */
import { Fault } from "./fault.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MULTI_REGION_ID = /^mrk-[0-9a-f]{32}$/;

/** Says whether a key id is that of a multi-Region key. */
export const isMultiRegion = (keyId: string): boolean => MULTI_REGION_ID.test(keyId);
/** A multi-Region key's id, made of a UUID. */
export const multiRegionId = (uuid: string): string => `mrk-${uuid.replaceAll("-", "")}`;

/** The partition that a Region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return "aws";
}

export const keyArn = (region: string, account: string, keyId: string): string =>
  `arn:${partitionOf(region)}:kms:${region}:${account}:key/${keyId}`;
export const aliasArn = (region: string, account: string, name: string): string =>
  `arn:${partitionOf(region)}:kms:${region}:${account}:${name}`;
export const rootArn = (region: string, account: string): string => `arn:${partitionOf(region)}:iam::${account}:root`;

/** What a caller wrote to name a key, taken apart. The account is the named one, or the caller's. */
export interface KeyReference {
  readonly account: string;
  /** Exactly one of the two. */
  readonly keyId?: string;
  /** With its prefix: `alias/…`. */
  readonly alias?: string;
}

/**
 * Takes a key identifier apart: key id, key ARN, alias name or alias ARN.
 *
 * @throws {Fault} NotFoundException for an id that cannot be one, or an ARN of another Region; InvalidArnException for a malformed ARN.
 */
export function parseKeyReference(text: string, region: string, callerAccount: string): KeyReference {
  if (text.startsWith("alias/")) return { account: callerAccount, alias: text };
  if (!text.startsWith("arn:")) return { account: callerAccount, keyId: requireKeyId(text) };
  const [, partition, service, arnRegion, account, ...rest] = text.split(":");
  const resource = rest.join(":");
  if (service !== "kms" || !arnRegion || !account || !/^\d{12}$/.test(account) || !/^(key|alias)\/./.test(resource)) {
    throw new Fault("InvalidArnException", `Invalid arn ${text.slice(0, 2048)}`);
  }
  if (arnRegion !== region || partition !== partitionOf(region)) throw new Fault("NotFoundException", `Invalid arn ${arnRegion}`);
  if (resource.startsWith("alias/")) return { account, alias: resource };
  return { account, keyId: requireKeyId(resource.slice("key/".length)) };
}

/** Says whether the text names an alias, by name or by ARN. */
export const namesAlias = (text: string): boolean => text.startsWith("alias/") || /^arn:[^:]*:kms:[^:]*:[^:]*:alias\//.test(text);

function requireKeyId(text: string): string {
  if (!UUID.test(text) && !MULTI_REGION_ID.test(text)) throw new Fault("NotFoundException", `Invalid keyId '${text.slice(0, 2048)}'`);
  return text;
}
