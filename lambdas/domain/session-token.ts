/**
 * Session tokens: everything that a session is, sealed under the token key for the access key id that goes with it. Nothing is stored.
 *
 * A token is base64url of: format 1, version of the token key (2 bytes), nonce (16), then the session, wrapped. The nonce and the access key id
 * give the key that it is wrapped under, and the secret access key: a token opens with its own access key id only, and no two share a secret.
 */
import { DecryptionError, deriveKey, randomBytes, secretKey, unwrapKey, wrapKey } from "@trent/crypto";
import type { Session, SessionCredentials } from "./session.ts";
import { packed, unpacked } from "./session-fields.ts";

type Key = Parameters<typeof deriveKey>[0];

/** The token key of one version. */
export interface TokenKey {
  readonly version: number;
  readonly key: Key;
}

/** A session that a token holds. */
export interface OpenedSession {
  readonly session: Session;
  /** The secret access key's characters. */
  readonly secret: Key;
  /** Names the secret. */
  readonly version: string;
}

/** Characters. @see STS API Reference, "Credentials": AWS gives no limit; what its newest operations say of tokens is 4,096 bytes. */
export const LONGEST_TOKEN = 4096;

const FORMAT = 1;
const NONCE_AT = 3;
const NONCE = 16;
const SEALED_AT = NONCE_AT + NONCE;
const LABEL = Buffer.from("trent-session-1");
const BOUND_TO = ["session token"];
const SEALING = 32;
/** 40 characters of base64, as every secret access key. */
const SECRET = 30;
/** What is tried when there is nothing to try, so that it costs the same. */
const DECOY = Buffer.alloc(SEALED_AT + 256);

/** Temporary credentials for a session. The token is at least so many characters long, as far as there is room. */
export function sealSession(session: Session, accessKeyId: string, { version, key }: TokenKey, least = 0): SessionCredentials {
  const head = Buffer.alloc(SEALED_AT);
  head[0] = FORMAT;
  head.writeUInt16BE(version, 1);
  head.set(randomBytes(NONCE), NONCE_AT);
  const { sealing, secret } = keysOf(key, accessKeyId, head.subarray(NONCE_AT));
  const sealed = (padding: number) =>
    Buffer.concat([head, wrapKey(sealing, secretKey(packed(session, padding)), BOUND_TO)]).toString("base64url");
  const token = sealed(0);
  const missing = Math.min(least, LONGEST_TOKEN) - token.length;
  const secretAccessKey = secret.export().toString();
  return { accessKeyId, secretAccessKey, token: missing > 0 ? sealed(Math.ceil((missing * 3) / 4)) : token };
}

/** The version of the key that a token says it is sealed under; undefined for what is no token. */
export function keyVersionOf(token: string): number | undefined {
  return bytesOf(token)?.readUInt16BE(1);
}

/**
 * The session in a token; undefined when it is none that was sealed under this key for this access key id.
 *
 * Whether it has expired is for the caller to look at. Takes as long for what is no token at all.
 */
export function openSession(token: string, accessKeyId: string, key: Key): OpenedSession | undefined {
  const bytes = bytesOf(token) ?? DECOY;
  const nonce = bytes.subarray(NONCE_AT, SEALED_AT);
  const { sealing, secret } = keysOf(key, accessKeyId, nonce);
  try {
    const fields = unwrapKey(sealing, bytes.subarray(SEALED_AT), BOUND_TO).export();
    return { session: unpacked(fields), secret, version: nonce.toString("base64") };
  } catch (cause) {
    if (cause instanceof DecryptionError) return undefined;
    throw cause;
  }
}

/** Undefined for what is not the one text of so many bytes. */
function bytesOf(token: string): Buffer | undefined {
  if (token.length > LONGEST_TOKEN || !/^[\w-]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const isOne = bytes.length > SEALED_AT && bytes[0] === FORMAT && bytes.toString("base64url") === token;
  return isOne ? bytes : undefined;
}

function keysOf(key: Key, accessKeyId: string, nonce: Uint8Array): { readonly sealing: Key; readonly secret: Key } {
  // The nonce has a fixed length, so the two cannot trade bytes.
  const derived = deriveKey(key, LABEL, Buffer.concat([nonce, Buffer.from(accessKeyId)]), SEALING + SECRET);
  const secret = Buffer.from(derived.toString("base64", SEALING));
  const sealing = secretKey(derived.subarray(0, SEALING));
  derived.fill(0);
  return { sealing, secret: secretKey(secret) };
}
