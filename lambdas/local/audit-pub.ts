import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const publicKeysIn = (folder: string): string => join(folder, "audit.pub");

/** Public audit keys, by Region: a line each. */
export function publicKeysFrom(path: string): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const [region = "", key] = line.trim().split(/\s+/);
    if (key !== undefined) keys.set(region, [...(keys.get(region) ?? []), key]);
  }
  return keys;
}

/**
 * Writes a Region's public key down when none is.
 * @throws when another is: the one in the store is not the one that was made at the first start.
 */
export function keepPublicKey(folder: string, region: string, key: string): void {
  const path = publicKeysIn(folder);
  const known = publicKeysFrom(path).get(region) ?? [];
  if (known.includes(key)) return;
  if (known.length > 0) throw new Error(`The audit key of ${region} is not the one in ${path}.`);
  appendFileSync(path, `${region} ${key}\n`, { mode: 0o644 });
}
