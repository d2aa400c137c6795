import { createHmac, type KeyObject } from "node:crypto";

const BLOCK_BYTES = 32;
const COUNTER_BYTES = 4;
const LONGEST = 2 ** 29 - 1; // [L]2 is 32 bits and counts bits.

/**
 * The KDF in counter mode with HMAC-SHA-256: K(i) = HMAC(key, [i]2 || label || 0x00 || context || [L]2), the counter and L 32-bit big-endian.
 *
 * A label that may hold a zero byte must have a fixed length, or label and context can trade bytes.
 *
 * @throws {RangeError} when the length is not a whole number from 1 to 2^29 - 1.
 * @see SP 800-108r1, 4 and 4.1.
 */
export function deriveKey(key: KeyObject, label: Uint8Array, context: Uint8Array, length: number): Buffer {
  if (!Number.isSafeInteger(length) || length < 1 || length > LONGEST) throw new RangeError("A derived key has 1 to 2^29 - 1 bytes.");

  const separator = COUNTER_BYTES + label.length;
  const end = separator + 1 + context.length;
  const input = Buffer.allocUnsafe(end + 4);
  input.set(label, COUNTER_BYTES);
  input[separator] = 0;
  input.set(context, separator + 1);
  input.writeUInt32BE(length * 8, end);
  return counterMode(key, input, length);
}

/** The iteration of SP 800-108r1, 4.1. `input` is four bytes for the counter, overwritten here, and the fixed input data behind them. */
export function counterMode(key: KeyObject, input: Buffer, length: number): Buffer {
  const output = Buffer.alloc(length);
  for (let i = 1, at = 0; at < length; i += 1, at += BLOCK_BYTES) {
    input.writeUInt32BE(i, 0);
    const block = createHmac("sha256", key).update(input).digest();
    output.set(block.subarray(0, length - at), at);
    block.fill(0);
  }
  return output;
}
