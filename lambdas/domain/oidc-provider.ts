import { Fault } from "./fault.ts";

/** An OpenID Connect provider that an account lets vouch for callers. @see IAM User Guide, "OIDC federation". */
export interface OidcProvider {
  readonly account: string;
  /** Without `https://`, and without a slash at its end. */
  readonly url: string;
  readonly arn: string;
  /** The audiences that its tokens may be for. */
  readonly clientIds: readonly string[];
  /** SHA-1 of certificates, in hexadecimal: kept, and not asked, as on AWS for issuers with a public certificate. */
  readonly thumbprints: readonly string[];
  readonly created: Date;
  readonly tags: ReadonlyMap<string, string>;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

/** @see IAM User Guide, "IAM and AWS STS quotas". */
export const PROVIDERS = 100;
const CLIENT_IDS = 100;
const THUMBPRINTS = 5;

export const providerArn = (partition: string, account: string, url: string): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${url}`;

/**
 * The URL as it is kept. It "must begin with https://", has no port and no parameters.
 * @throws {Fault} ValidationException (AWS's text is UNVERIFIED)
 */
export function providerUrlOf(text: string): string {
  const [, url] = /^https:\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:\/[A-Za-z0-9._~!$&'()*+,;=@%-]+)*)\/?$/i.exec(text) ?? [];
  if (url === undefined) throw new Fault("ValidationException", "Invalid Open ID Connect Provider URL");
  const [host = "", ...path] = url.split("/");
  return [host.toLowerCase(), ...path].join("/");
}

/** @throws {Fault} LimitExceededException */
export function withClientIds(provider: OidcProvider, added: readonly string[]): OidcProvider {
  const clientIds = [...new Set([...provider.clientIds, ...added])];
  if (clientIds.length > CLIENT_IDS)
    throw new Fault("LimitExceededException", `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENT_IDS}`);
  return { ...provider, clientIds };
}

/** @throws {Fault} InvalidInputException */
export function withThumbprints(provider: OidcProvider, thumbprints: readonly string[]): OidcProvider {
  if (thumbprints.length > THUMBPRINTS)
    throw new Fault("InvalidInputException", `Thumbprint list must contain fewer than ${THUMBPRINTS} entries.`);
  if (thumbprints.some((thumbprint) => !/^[0-9a-f]{40}$/i.test(thumbprint)))
    throw new Fault("InvalidInputException", "Thumbprint list must contain only hexadecimal SHA-1 hashes.");
  return { ...provider, thumbprints };
}

/** @throws {Fault} NoSuchEntityException; InvalidInputException for what is no provider's ARN */
export function requireProvider(provider: OidcProvider | undefined, arn: string): OidcProvider {
  if (!provider) throw new Fault("NoSuchEntityException", `OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}

/** The URL in a provider's ARN. @throws {Fault} InvalidInputException */
export function urlIn(arn: string): { readonly account: string; readonly url: string } {
  const [, account, url] = /^arn:(?:aws|aws-cn|aws-us-gov):iam::(\d{12}):oidc-provider\/(.+)$/s.exec(arn) ?? [];
  if (account === undefined || url === undefined) throw new Fault("InvalidInputException", `ARN ${arn} is not valid.`);
  return { account, url };
}
