import { DecryptionError, fingerprint, generateKey, unwrapKey, wrapKey } from "@trent/crypto";
import type { Database, Roots } from "#store";
import { domainKeys } from "#store/domain-keys";

/** Something that only the root opens, by way of the home Region's domain keys: whoever opens it can open the rest. */
export interface Canary {
  /** Base64 of a key that is of no other use, wrapped as material is. */
  readonly wrapped: string;
  readonly fingerprint: string;
  readonly domainKey: number;
}

const BOUND = ["backup canary"];

export async function newCanary(database: Database, home: string, roots: Roots): Promise<Canary> {
  const { key, version } = await domainKeys(database, home, roots).current("material");
  const canary = generateKey();
  return { wrapped: wrapKey(key, canary, BOUND).toString("base64"), fingerprint: fingerprint(canary), domainKey: version };
}

/** @throws {WrongRoot} when the root does not open the domain key. */
export async function sings(canary: Canary, database: Database, home: string, roots: Roots): Promise<boolean> {
  const key = await domainKeys(database, home, roots).version("material", canary.domainKey);
  if (!key) return false;
  try {
    return fingerprint(unwrapKey(key, Buffer.from(canary.wrapped, "base64"), BOUND)) === canary.fingerprint;
  } catch (cause) {
    if (cause instanceof DecryptionError) return false;
    throw cause;
  }
}
