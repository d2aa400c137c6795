import { createSecretKey, type KeyObject } from "node:crypto";
import { randomBytes } from "./random.ts";

/**
 * Takes bytes over as a secret key: the given array holds zeros afterwards, also when this throws.
 *
 * @throws {RangeError} when there are no bytes.
 */
export function secretKey(bytes: Uint8Array): KeyObject {
  if (bytes.length === 0) throw new RangeError("A key has at least one byte.");
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** A random secret key of so many bytes; nothing but the key holds them. */
export function generateKey(length = 32): KeyObject {
  return secretKey(randomBytes(length));
}
