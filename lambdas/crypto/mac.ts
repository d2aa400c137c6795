import { createHmac, type KeyObject } from "node:crypto";
import { equal } from "./equal.ts";
import { frame } from "./frame.ts";

/**
 * HMAC-SHA-256 (FIPS 198-1) over the framed parts, 32 bytes: a tag of the list, not of its concatenation.
 *
 * The first part names what the tag is for, so that a tag made for one purpose is worth nothing for another under the same key.
 *
 * @throws {RangeError} when a string is not well-formed Unicode.
 */
export function mac(key: KeyObject, parts: readonly (string | Uint8Array)[]): Buffer {
  return createHmac("sha256", key).update(frame(parts)).digest();
}

/** Whether the tag is that of these parts under this key; a tag of another length is not. */
export function verifyMac(key: KeyObject, parts: readonly (string | Uint8Array)[], tag: Uint8Array): boolean {
  return equal(mac(key, parts), tag);
}

/** A public name of a root key, 16 hex digits: tells two roots apart and tells nothing about either. */
export function fingerprint(root: KeyObject): string {
  return mac(root, ["trent-fingerprint"]).toString("hex", 0, 8);
}
