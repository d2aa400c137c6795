import { Fault } from "#domain/fault";

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The bytes of a blob: standard base64 with padding, nothing else.
 *
 * The text is not quoted in the message: it may be somebody's plaintext.
 * @throws {Fault} SerializationException
 * @see RFC 4648 section 4; unused bits of the last character must be zero (section 3.5), or two texts would mean one blob.
 */
export function blobFrom(text: string): Buffer {
  if (text.length % 4 !== 0) {
    throw unreadable(`Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  if (!ALPHABET.test(text)) throw unreadable("Invalid Base64 character");
  const bytes = Buffer.from(text, "base64");
  const padding = bytes.length % 3;
  if (padding !== 0) {
    const tail = bytes.subarray(bytes.length - padding).toString("base64");
    if (!text.endsWith(tail)) throw unreadable("Invalid last non-pad Base64 character dectected");
  }
  return bytes;
}

/** Base64 without copying what is a Buffer already. */
export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

const unreadable = (text: string): Fault => new Fault("SerializationException", `The value can not be converted to a Blob: ${text}`);
