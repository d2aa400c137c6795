import { createDecipheriv, type KeyObject } from "node:crypto";
import { DecryptionError } from "./decryption-error.ts";

/** The alternative initial value without the length, which is the message's own. @see RFC 5649, 3 */
const AIV = Buffer.from("a65959a6", "hex");
/** What one byte is wrapped in. */
const SHORTEST = 16;
const CIPHERS: Readonly<Record<number, string>> = { 16: "id-aes128-wrap-pad", 24: "id-aes192-wrap-pad", 32: "id-aes256-wrap-pad" };

/**
 * What was wrapped under an AES key by AES Key Wrap with Padding, in memory of its own.
 *
 * @throws {DecryptionError} whatever is wrong: the length, a byte, the padding or the key.
 * @see RFC 5649
 */
export function unwrapPadded(key: KeyObject, wrapped: Uint8Array): Buffer {
  const cipher = CIPHERS[key.symmetricKeySize ?? 0];
  // OpenSSL takes nothing at all for the wrapping of nothing.
  if (cipher === undefined || wrapped.length < SHORTEST || wrapped.length % 8 !== 0) throw new DecryptionError();
  try {
    const decipher = createDecipheriv(cipher, key, AIV);
    const unwrapped = decipher.update(wrapped);
    decipher.final(); // Empty: all of it is one block.
    return unwrapped;
  } catch {
    throw new DecryptionError();
  }
}
