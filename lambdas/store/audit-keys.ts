import type { KeyObject } from "node:crypto";
import { generateKeyPair, privateKeyOf, publicKeyOf, secretKey, sign, unwrapKey, verify, wrapKey } from "@trent/crypto";
import { DIGESTING, SEALING } from "#domain/seal";
import { type DomainKeys, isCurrent } from "./domain-keys.ts";
import { Conflict, type Table } from "./port.ts";

/** A key that signs for a Region's log. */
export interface AuditKey {
  readonly number: number;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** Base64url. */
  sign(text: string): Promise<string>;
}

interface StoredKey {
  readonly publicKey: string;
  readonly wrapped: string;
  readonly domainKey: number;
}

/** The keys of a Region's log: the first signs seals, the second the digests of an export. */
const KEYS = {
  seals: { number: 1, ...SEALING },
  exports: { number: 2, ...DIGESTING },
} as const;
export type AuditKeyUse = keyof typeof KEYS;

const rowOf = (use: AuditKeyUse) => ({ pk: "AUDIT", sk: `KEY#${KEYS[use].number}` });
const sealedFor = (region: string, use: AuditKeyUse, publicKey: string) => ["audit key", region, String(KEYS[use].number), publicKey];

/**
 * The audit key of a Region, made if there is none. Many may ask at once: what is used is what was read back.
 * @param keys those that all Regions share: the private half is wrapped under the domain key `secret`.
 * @throws when the stored key does not open, or its halves do not go together.
 */
export async function ensureAuditKey(log: Table, region: string, keys: DomainKeys, use: AuditKeyUse = "seals"): Promise<AuditKey> {
  const stored = await log.get(rowOf(use));
  if (!stored) await make(log, region, keys, use);
  const row = stored ?? (await log.get(rowOf(use)));
  if (!row) throw new Error("The store does not keep what is written to it.");
  const kept: StoredKey = JSON.parse(row.body);
  const { publicKey } = kept;
  const bytes = (await unwrapped(kept, keys, sealedFor(region, use, publicKey))).export();
  const key = privateKeyOf(bytes);
  bytes.fill(0);
  return {
    number: KEYS[use].number,
    publicKey,
    sign: async (text) => (await sign(key, KEYS[use].algorithm, Buffer.from(text), "RAW")).toString("base64url"),
  };
}

async function unwrapped({ wrapped, domainKey }: StoredKey, keys: DomainKeys, bound: readonly string[]): Promise<KeyObject> {
  const wrapping = await keys.version("secret", domainKey);
  if (!wrapping) throw new Error(`The domain key secret ${domainKey} is missing.`);
  return unwrapKey(wrapping, Buffer.from(wrapped, "base64"), bound);
}

/** Wraps a Region's audit keys anew that are not under the current domain key; answers how many they were. @throws {Conflict} */
export async function rewrapAuditKeys(log: Table, region: string, keys: DomainKeys): Promise<number> {
  let count = 0;
  for (const use of Object.keys(KEYS) as AuditKeyUse[]) {
    const row = await log.get(rowOf(use));
    if (!row) continue;
    const stored: StoredKey = JSON.parse(row.body);
    const { version, key } = await keys.current("secret");
    if (stored.domainKey === version) continue;
    const bound = sealedFor(region, use, stored.publicKey);
    const wrapped = wrapKey(key, await unwrapped(stored, keys, bound), bound).toString("base64");
    const body = JSON.stringify({ ...stored, wrapped, domainKey: version } satisfies StoredKey);
    await log.put({ ...rowOf(use), version: row.version + 1, body }, row.version);
    count += 1;
  }
  return count;
}

async function make(log: Table, region: string, keys: DomainKeys, use: AuditKeyUse): Promise<void> {
  const pair = await generateKeyPair(KEYS[use].spec);
  const publicKey = pair.publicKey.toString("base64");
  // Takes the bytes over: they are zeros afterwards.
  const secret = secretKey(pair.privateKey);
  try {
    for (let version = 1; ; version += 1) {
      const { version: domainKey, key } = await keys.current("secret");
      const wrapped = wrapKey(key, secret, sealedFor(region, use, publicKey)).toString("base64");
      const row = { ...rowOf(use), version, body: JSON.stringify({ publicKey, wrapped, domainKey } satisfies StoredKey) };
      await (version === 1 ? log.append([row]) : log.put(row, version - 1));
      if (await isCurrent(keys, "secret", domainKey)) return;
    }
  } catch (cause) {
    if (!(cause instanceof Conflict)) throw cause;
  }
}

/** Whether a signature is that of a text under a public key as `AuditKey` has it. */
export function isSigned(publicKey: string, text: string, signature: string, use: AuditKeyUse = "seals"): Promise<boolean> {
  try {
    const key = publicKeyOf(Buffer.from(publicKey, "base64"));
    return verify(key, KEYS[use].algorithm, Buffer.from(text), "RAW", Buffer.from(signature, "base64url"));
  } catch {
    return Promise.resolve(false);
  }
}
