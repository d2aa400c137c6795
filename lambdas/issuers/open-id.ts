import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { Fault } from "#domain/fault";
import type { OidcProvider } from "#domain/oidc-provider";
import type { Issuers, WebIdentity } from "#domain/web-identity";
import { type Fetch, Unreachable, Unusable } from "./fetch-json.ts";
import { keySets } from "./key-sets.ts";

/** Signatures by a key that the provider keeps to itself. What anybody can make (`none`), or whoever knows a shared secret (`HS…`), is none. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
/** Seconds that a provider's clock may be ahead of ours; a token that expired is refused at once. */
const TOLERANCE = 60;
const NOT_A_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

export interface IssuerOptions {
  readonly fetch?: Fetch;
  /** Milliseconds since anything. */
  readonly elapsed?: () => number;
}

/**
 * OpenID Connect providers: their tokens are believed when an account has registered them, and one of their published keys made the signature.
 * @see IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM"; OpenID Connect Core 1.0, section 3.1.3.7
 */
export function openIdIssuers({ fetch = globalThis.fetch, elapsed }: IssuerOptions = {}): Issuers {
  const sets = keySets(fetch, elapsed);

  return {
    async verify(token, account, providers, now) {
      const { issuer, kid } = claimedBy(token);
      const url = /^https:\/\/(.{1,255}?)\/?$/.exec(issuer)?.[1];
      const provider = url === undefined ? undefined : await providers.oidcProvider(account, url);
      if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${issuer.slice(0, LONGEST_SHOWN)}`);
      try {
        const { keys } = await sets.of(provider.url, kid);
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ALGORITHMS,
          issuer: [`https://${provider.url}`, `https://${provider.url}/`],
          audience: [...provider.clientIds],
          requiredClaims: ["exp", "iat", "sub", "aud"],
          clockTolerance: TOLERANCE,
          currentDate: now,
        });
        requireUnexpired(payload, now);
        return identityOf(payload, provider);
      } catch (cause) {
        throw faultOf(cause, token, now);
      }
    },
  };
}

/** Characters of what a token says that a refusal repeats. */
const LONGEST_SHOWN = 255;

/** What a token says of itself, believed by nobody yet. */
function claimedBy(token: string): { readonly issuer: string; readonly kid: string | undefined } {
  try {
    const { kid } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    if (typeof iss === "string") return { issuer: iss, kid: typeof kid === "string" ? kid : undefined };
  } catch {
    // It is none: the same.
  }
  throw invalid(NOT_A_TOKEN);
}

function requireUnexpired({ exp = 0 }: JWTPayload, now: Date): void {
  if (exp * 1000 <= now.getTime()) throw expired(exp, now);
}

function identityOf(payload: JWTPayload, provider: OidcProvider): WebIdentity {
  const { sub = "", aud = [], azp } = payload;
  const audiences = [aud].flat();
  // "aud: when the token has azp, its value" (IAM User Guide, "Available keys for AWS OIDC federation").
  const audience = typeof azp === "string" ? azp : audiences.length === 1 ? (audiences[0] ?? "") : audiences;
  const said = Object.entries({ ...payload, aud: audience, oaud: audiences.length === 1 ? audiences[0] : audiences });
  return {
    provider,
    subject: sub,
    audience: [audience].flat().join(","),
    claims: new Map(said.flatMap(([name, value]) => claimOf(`${provider.url}:${name}`.toLowerCase(), value))),
  };
}

/** Texts, numbers and truths, and lists of texts; what is more than that is nothing that a policy could ask for. */
function claimOf(name: string, value: unknown): readonly (readonly [string, string | readonly string[]])[] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value === "number" || typeof value === "boolean") return [[name, String(value)]];
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? [[name, value]] : [];
}

function faultOf(cause: unknown, token: string, now: Date): unknown {
  if (cause instanceof Fault) return cause;
  if (cause instanceof Unreachable)
    return new Fault("IDPCommunicationErrorException", "Identity provider could not be reached. Please try again.");
  if (cause instanceof Unusable || cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys)
    return invalid(NO_KEY);
  if (cause instanceof errors.JWTExpired) return expired(decodeJwt(token).exp ?? 0, now);
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === "aud") return invalid("Incorrect token audience");
    return invalid(cause.claim === "nbf" ? "Token is not valid yet" : `Missing or wrong claim: ${cause.claim}`);
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed) return invalid("Token signature is invalid");
  return cause instanceof errors.JOSEError ? invalid(NOT_A_TOKEN) : cause;
}

const expired = (exp: number, now: Date): Fault =>
  new Fault(
    "ExpiredIdentityTokenException",
    `Token expired: current date/time ${Math.floor(now.getTime() / 1000)} must be before the expiration date/time ${exp}`,
  );
const invalid = (text: string): Fault => new Fault("InvalidIdentityTokenException", text);
