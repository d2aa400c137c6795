import { generateKeyPair, privateKeyOf, publicKeyOf, secretKey, sign, unwrapKey, verify, wrapKey } from "@trent/crypto";
import { DIGESTING, SEALING } from "#domain/seal";
import type { DomainKeys } from "./domain-keys.ts";
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
  const { publicKey, wrapped, domainKey }: StoredKey = JSON.parse(row.body);
  const wrapping = await keys.version("secret", domainKey);
  if (!wrapping) throw new Error(`The domain key secret ${domainKey} is missing.`);
  const bytes = unwrapKey(wrapping, Buffer.from(wrapped, "base64"), sealedFor(region, use, publicKey)).export();
  const key = privateKeyOf(bytes);
  bytes.fill(0);
  return {
    number: KEYS[use].number,
    publicKey,
    sign: async (text) => (await sign(key, KEYS[use].algorithm, Buffer.from(text), "RAW")).toString("base64url"),
  };
}

async function make(log: Table, region: string, keys: DomainKeys, use: AuditKeyUse): Promise<void> {
  const pair = await generateKeyPair(KEYS[use].spec);
  const publicKey = pair.publicKey.toString("base64");
  const { version, key } = await keys.current("secret");
  // Takes the bytes over: they are zeros afterwards.
  const wrapped = wrapKey(key, secretKey(pair.privateKey), sealedFor(region, use, publicKey)).toString("base64");
  const body = JSON.stringify({ publicKey, wrapped, domainKey: version } satisfies StoredKey);
  await log.append([{ ...rowOf(use), version: 1, body }]).catch((cause: unknown) => {
    if (!(cause instanceof Conflict)) throw cause;
  });
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
