import type { Session, SessionCredentials } from "./session.ts";
import { LONGEST_TOKEN } from "./session-token.ts";

/** Credentials as the API answers them. */
export const credentialsOf = ({ accessKeyId, secretAccessKey, token }: SessionCredentials, { expires }: Session) => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  SessionToken: token,
  Expiration: expires,
});

/** How large the token is: in bytes, and of what it may be in percent. */
export const sizesOf = ({ token }: SessionCredentials) => ({
  SessionTokenUtilization: Math.ceil((100 * token.length) / LONGEST_TOKEN),
  SessionTokenSize: token.length,
});

/** How much of the room for it what was passed takes; absent when nothing was. */
export const packedOf = (percent: number, { policy, policyArns, tags }: Session) =>
  policy === undefined && policyArns.length === 0 && tags.size === 0 ? {} : { PackedPolicySize: percent };
