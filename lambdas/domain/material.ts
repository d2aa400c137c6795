import { type BackingKey, publicKeyOf } from "@trent/crypto";
import { Fault } from "./fault.ts";
import { currentMaterial, type Key, type Material } from "./key.ts";

/** Opens the material of a key: the current one, or the one with this id; undefined when the key has no such material. */
export interface MaterialOf {
  (key: Key): Promise<BackingKey>;
  (key: Key, id: string): Promise<BackingKey | undefined>;
}

/** Parsing costs more than a verification: what was parsed is kept as long as the key's item is. */
const parsed = new WeakMap<Material, ReturnType<typeof publicKeyOf>>();

/** The public half of a pair, as X.509 SubjectPublicKeyInfo. */
export const publicBytesOf = (key: Key): Buffer => Buffer.from(currentMaterial(key).publicKey as string, "base64");

/** Refuses a key that has never had material: nobody knows its public half. @throws {Fault} KMSInvalidStateException */
export function requirePublicHalf(key: Key): void {
  if (key.materials.length === 0) throw new Fault("KMSInvalidStateException", `${key.arn} is pending import.`);
}

/** The public half of a pair, ready to be used. */
export function publicHalfOf(key: Key): ReturnType<typeof publicKeyOf> {
  const material = currentMaterial(key);
  const known = parsed.get(material);
  if (known) return known;
  const half = publicKeyOf(publicBytesOf(key));
  parsed.set(material, half);
  return half;
}
