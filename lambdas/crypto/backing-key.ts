import type { KeyObject } from "node:crypto";
import { mac } from "./mac.ts";

/** One material of a KMS key, unwrapped. */
export interface BackingKey {
  /** The material id: 64 lower-case hex digits. */
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * The id of a material: a function of key id and material, so that importing the same bytes again is recognised, and two keys that hold
 * the same bytes show different ids.
 *
 * The material also keys the KDF of messages; the inputs never meet. Behind their first four bytes a framed list has a length, whose
 * first byte is 0, and the KDF its label, whose first byte is a letter.
 */
export function materialId(keyId: string, material: KeyObject): string {
  return mac(material, ["trent-kmid", keyId]).toString("hex");
}
