import fc from "fast-check";
import { type BackingKey, generateKey, materialId } from "../index.ts";

/** What several tests start from. */
export const UUID = "1234abcd-12ab-34cd-56ef-1234567890ab";
export const MULTI_REGION_ID = "mrk-1234abcd12ab34cd56ef1234567890ab";

export function backingKey(keyId: string, key = generateKey()): BackingKey {
  return { id: materialId(keyId, key), key };
}

/** A copy with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = bit >> 3;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

const hexDigits = (length: number) => fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });

export const keyIds = fc.oneof(
  fc.uuid(),
  hexDigits(32).map((digits) => `mrk-${digits}`),
);
export const materialIds = hexDigits(64);
export const words = fc.string({ unit: "binary", maxLength: 40 });
export const contexts = fc.array(fc.tuple(words, words), { maxLength: 6 }).map((pairs) => new Map(pairs));
export const plaintexts = fc.uint8Array({ minLength: 1, maxLength: 4096 });
