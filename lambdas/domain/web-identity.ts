/** Whoever an identity provider vouches for. @see IAM User Guide, "OIDC federation" */
import type { OidcProvider } from "./oidc-provider.ts";

export interface WebIdentity {
  readonly provider: OidcProvider;
  readonly subject: string;
  readonly audience: string;
  /** What the provider says of it, under the names that trust policies have for it, in lower case: `<url>:sub`. */
  readonly claims: ReadonlyMap<string, string | readonly string[]>;
}

/** The providers of all accounts. */
export interface Providers {
  oidcProvider(account: string, url: string): Promise<OidcProvider | undefined>;
}

/** Identity providers outside, and what they say. */
export interface Issuers {
  /**
   * Whom a token speaks of, when a provider that this account has registered signed it for one of that provider's audiences.
   * @throws {Fault} InvalidIdentityTokenException, ExpiredIdentityTokenException, IDPCommunicationErrorException
   */
  verify(token: string, account: string, providers: Providers, now: Date): Promise<WebIdentity>;
}
