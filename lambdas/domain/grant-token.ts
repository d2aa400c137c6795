/**
 * Grant tokens: what CreateGrant answers beside the id, so that a grant can be used at once. One names its grant and is not secret: whoever
 * shows it must still be the grantee.
 *
 * A token is base64 of: format 1, nonce (16 bytes), MAC (32), then `region/account/key id/grant id`. It is worth nothing in another Region.
 * @see AWS KMS Developer Guide, "Using grant tokens"
 */
import { randomBytes } from "@trent/crypto";
import { keyArn } from "./arn.ts";
import { Fault } from "./fault.ts";
import type { Grant } from "./grant.ts";

const FORMAT = 1;
const NONCE = 16;
const TAG = 32;

/** The grant that a token names, which may be gone. */
export interface GrantReference {
  /** Id or ARN of the key; of a token, the ARN. */
  readonly keyId: string;
  readonly grantId: string;
}

/** Each time another token, all worth the same. */
export function issueGrantToken(
  { account, keyId, id }: Pick<Grant, "account" | "keyId" | "id">,
  region: string,
  sign: (parts: readonly string[]) => Uint8Array,
): string {
  const nonce = randomBytes(NONCE);
  const named = [region, account, keyId, id].join("/");
  return Buffer.concat([Buffer.of(FORMAT), nonce, sign(partsOf(nonce, named)), Buffer.from(named)]).toString("base64");
}

/** @throws {Fault} InvalidGrantTokenException for whatever this Region has not issued. AWS's text is UNVERIFIED. */
export function openGrantToken(
  token: string,
  region: string,
  verify: (parts: readonly string[], tag: Uint8Array) => boolean,
): GrantReference {
  const bytes = Buffer.from(token, "base64");
  const nonce = bytes.subarray(1, 1 + NONCE);
  const tag = bytes.subarray(1 + NONCE, 1 + NONCE + TAG);
  const named = bytes.subarray(1 + NONCE + TAG).toString();
  const [of, account = "", keyId = "", grantId = ""] = named.split("/");
  // One way to write a token: what decodes to the same bytes but is written otherwise is not ours.
  const authentic = bytes[0] === FORMAT && bytes.toString("base64") === token && verify(partsOf(nonce, named), tag) && of === region;
  if (!authentic) throw new Fault("InvalidGrantTokenException");
  return { keyId: keyArn(region, account, keyId), grantId };
}

const partsOf = (nonce: Uint8Array, named: string): readonly string[] => [String(FORMAT), Buffer.from(nonce).toString("base64"), named];
