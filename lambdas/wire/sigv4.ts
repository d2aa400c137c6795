import { createHmac, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import { Fault } from "#domain/fault";
import type { HttpRequest } from "./http.ts";
import type { Claim } from "./sigv4-claim.ts";
import { folded } from "./sigv4-headers.ts";
import { canonicalPath, canonicalQuery } from "./sigv4-uri.ts";

export { type Claim, claimOf, type Scope, scopeOf } from "./sigv4-claim.ts";
export { type SigningKeyCache, signingKey, signingKeyCache } from "./sigv4-key.ts";
export { type Expectation, requireScope } from "./sigv4-scope.ts";

const SIGNATURE = /^[0-9a-f]{64}$/;
const MISMATCH =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/**
 * The request as its signer must have written it down; undefined when nobody can have: a signed header is missing, the list of signed headers
 * is not sorted, unique and in lower case, or the body is not the one that the request names.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function canonicalRequest(http: HttpRequest, { form, signedHeaders }: Claim): string | undefined {
  if (!signedHeaders.ordered) return undefined;
  let headers = "";
  for (const name of signedHeaders.names) {
    const value = http.headers.get(name);
    if (value === undefined) return undefined;
    headers += `${name}:${folded(value)}\n`;
  }
  const payload = hash("sha256", http.body);
  const named = http.headers.get("x-amz-content-sha256");
  if (named !== undefined && named !== payload) return undefined;
  const query = canonicalQuery(http.query, form === "query" ? "X-Amz-Signature" : undefined);
  return `${http.method}\n${canonicalPath(http.path)}\n${query}\n${headers}\n${signedHeaders.text}\n${payload}`;
}

/**
 * Requires that the holder of a signing key made this claim for this very request.
 *
 * The hash is always that of the real body: `UNSIGNED-PAYLOAD` and the streaming forms of S3 are refused. Compares in constant time. Whatever
 * is wrong, the answer is the same.
 * @param key of the scope that `requireScope` returned.
 * @see wire.md 5, #22
 */
export function requireSignature(claim: Claim, http: HttpRequest, key: KeyObject): void {
  const request = canonicalRequest(http, claim);
  if (request !== undefined && SIGNATURE.test(claim.signature)) {
    const scope = claim.credential.slice(claim.credential.indexOf("/") + 1);
    const text = `AWS4-HMAC-SHA256\n${claim.amzDate}\n${scope}\n${hash("sha256", request)}`;
    const expected = createHmac("sha256", key).update(text).digest();
    if (timingSafeEqual(expected, Buffer.from(claim.signature, "hex"))) return;
  }
  throw new Fault("InvalidSignatureException", MISMATCH);
}
