import { randomFillSync } from "node:crypto";

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes fit to be a key, in memory of their own: no other buffer shares it, so the holder can zero it.
 *
 * @throws {RangeError} when the length is not a non-negative whole number.
 */
export function randomBytes(length: number): Buffer {
  return randomFillSync(Buffer.alloc(length));
}

/**
 * A fresh nonce or IV, at most 64 bytes. It is not secret; it never comes out twice.
 *
 * Cut from a pool that is filled on first use and then as a whole, because a call into the generator costs more than the nonce is worth.
 */
export function freshNonce(length: number): Buffer {
  if (length > 64) throw new RangeError("A nonce has at most 64 bytes.");
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = Buffer.from(pool.subarray(used, used + length));
  used += length;
  return nonce;
}
