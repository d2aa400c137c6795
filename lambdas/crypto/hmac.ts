import { createHmac, type KeyObject } from "node:crypto";
import { hashOf, type MacAlgorithm } from "./algorithms.ts";
import { equal } from "./equal.ts";

/** The HMAC of a message (RFC 2104, FIPS 198-1), untruncated. */
export const macOf = (key: KeyObject, algorithm: MacAlgorithm, message: Uint8Array): Buffer =>
  createHmac(hashOf(algorithm), key).update(message).digest();

/** Whether that is the HMAC of the message, in a time that does not depend on how much of it is right. */
export const sameMac = (key: KeyObject, algorithm: MacAlgorithm, message: Uint8Array, tag: Uint8Array): boolean =>
  equal(macOf(key, algorithm, message), tag);
