/**
 * Services that act for others: AWS's, such as `s3.amazonaws.com`, and the operator's own, under a domain of its own.
 * @see IAM User Guide, "AWS JSON policy elements: Principal", "AWS service principals"
 */

/** A service that may call, and the one access key by which it does. */
export interface Service {
  /** Such as `s3.amazonaws.com`. */
  readonly principal: string;
  /** The account that the store was made with. */
  readonly account: string;
  readonly accessKeyId: string;
  readonly created: Date;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

const LONGEST = 128;
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,}$/;
const OF_AWS = /^([a-z0-9-]+)\.amazonaws\.com$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** Says whether a text can name a service: in lower case, three labels or more, as policies and grants write it. */
export const isServicePrincipal = (text: string): boolean => text.length <= LONGEST && NAME.test(text);

/**
 * What `kms:ViaService` says of a service in a Region: `s3.us-east-1.amazonaws.com`. A service of one Region has it in its name already.
 * @see AWS KMS Developer Guide, "kms:ViaService"
 */
export function viaService(principal: string, region: string): string {
  const [name, ...domain] = principal.split(".");
  return REGION.test(domain[0] ?? "") ? principal : [name, region, ...domain].join(".");
}

/** The alias that AWS predefines for a service's own key in every account; undefined for what is no service of AWS's. */
export function predefinedAlias(principal: string): string | undefined {
  const name = OF_AWS.exec(principal)?.[1];
  return name === undefined ? undefined : `alias/aws/${name}`;
}

/** The service that an alias is predefined for; undefined for every other alias. */
export function serviceOfAlias(alias: string): string | undefined {
  const name = /^alias\/aws\/([a-z0-9-]+)$/.exec(alias)?.[1];
  return name === undefined ? undefined : `${name}.amazonaws.com`;
}
