/**
 * Import tokens: which wrapping key goes with which KMS key, and until when; proven by a MAC, so that an expired one is known as that although
 * nothing is stored of it any more.
 */
import { Fault } from "./fault.ts";

export interface ImportToken {
  /** 16 bytes in hex: names the wrapping key among those of the KMS key. */
  readonly id: string;
  readonly keyId: string;
  readonly validTo: Date;
}

/** Authenticates the parts of a token, of one Region. */
export interface TokenProof {
  sign(parts: readonly string[]): Buffer;
  verify(parts: readonly string[], tag: Uint8Array): boolean;
}

const VERSION = 1;
const ID_AT = 1;
const DATE_AT = ID_AT + 16;
const TAG_AT = DATE_AT + 8;
const BYTES = TAG_AT + 32;

const partsOf = ({ id, keyId, validTo }: ImportToken): readonly string[] => [String(VERSION), keyId, id, String(validTo.getTime())];

/** version || id || end in milliseconds || MAC; the key is only in the MAC. */
export function issueImportToken(token: ImportToken, proof: Pick<TokenProof, "sign">): Buffer {
  const date = Buffer.alloc(8);
  date.writeBigUInt64BE(BigInt(token.validTo.getTime()));
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(token.id, "hex"), date, proof.sign(partsOf(token))]);
}

/**
 * What a token says.
 * @throws {Fault} InvalidImportTokenException when it was not issued for this key, ExpiredImportTokenException when it was, too long ago.
 */
export function openImportToken(bytes: Uint8Array, keyId: string, now: Date, proof: Pick<TokenProof, "verify">): ImportToken {
  if (bytes.length !== BYTES || bytes[0] !== VERSION) throw invalidImportToken();
  const read = Buffer.from(bytes);
  const milliseconds = Number(read.readBigUInt64BE(DATE_AT));
  const token = { id: read.toString("hex", ID_AT, DATE_AT), keyId, validTo: new Date(milliseconds) };
  if (!proof.verify(partsOf(token), read.subarray(TAG_AT))) throw invalidImportToken();
  if (token.validTo <= now) throw new Fault("ExpiredImportTokenException");
  return token;
}

/** AWS answers no text: which part is wrong is nobody's business. */
export const invalidImportToken = (): Fault => new Fault("InvalidImportTokenException");
