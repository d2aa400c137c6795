import type { KeyObject } from "node:crypto";
import { privateKeyOf, randomBytes, secretKey, unwrapKey, type WrappingAlgorithm, wrapKey } from "@trent/crypto";
import { type ImportToken, invalidImportToken, issueImportToken, openImportToken, type TokenProof } from "#domain/import-token";
import type { Key } from "#domain/key";
import { type DomainKeys, isCurrent } from "./domain-keys.ts";
import type { Items } from "./items.ts";
import type { RowKey } from "./port.ts";

/** How material for a key is to be wrapped, and until when it may be brought. */
export interface Wrapping {
  readonly algorithm: WrappingAlgorithm;
  readonly validTo: Date;
}

export interface WrappingOpener {
  /**
   * How material for this key was to be wrapped, and the private half to open it with.
   * @throws {Fault} InvalidImportTokenException or ExpiredImportTokenException
   */
  open(key: Key, token: Uint8Array, now: Date): Promise<{ readonly algorithm: WrappingAlgorithm; readonly privateKey: KeyObject }>;
}

export interface WrappingKeeper {
  /** Keeps a private half, PKCS #8, for one key; its bytes hold zeros afterwards. Answers the token to open it by. */
  keep(key: Key, wrapping: Wrapping, privateKey: Buffer): Promise<Buffer>;
}

interface Stored {
  readonly algorithm: WrappingAlgorithm;
  readonly wrapped: string;
  readonly domainKey: number;
  /** What else it is bound to, so that it can be wrapped anew without the token. Absent in rows of earlier versions, which live for a day. */
  readonly account?: string;
  readonly validTo?: number;
}

interface Kept extends Stored {
  readonly version: number;
}

const keptFrom = (body: string, version: number): Kept => ({ ...JSON.parse(body), version });

/** Seconds since the epoch. */
const expiryOf = (validTo: Date): number => Math.ceil(validTo.getTime() / 1000);
const ID_BYTES = 16;
const rowKey = ({ keyId, id }: ImportToken) => ({ pk: `IMPORT#${keyId}`, sk: `W#${id}` });
/** Bound also to when it ends and to how it is used: neither can be changed by who has the database. */
const boundTo = (account: string, { keyId, id, validTo }: ImportToken, algorithm: string) => [
  "wrapping key",
  account,
  keyId,
  id,
  String(validTo.getTime()),
  algorithm,
];

/** Wrapping keys of one Region, wrapped under its material domain key as what is wrapped under them will be. */
export function importStore(items: Items, keys: DomainKeys, proof: TokenProof): WrappingKeeper & WrappingOpener {
  return {
    async keep({ id: keyId, account }, { algorithm, validTo }, privateKey) {
      const secret = secretKey(privateKey);
      const token: ImportToken = { id: randomBytes(ID_BYTES).toString("hex"), keyId, validTo };
      const row = { ...rowKey(token), expires: expiryOf(validTo) };
      for (let version = 0; ; version += 1) {
        const { version: domainKey, key } = await keys.current("material");
        const wrapped = wrapKey(key, secret, boundTo(account, token, algorithm)).toString("base64");
        const stored: Stored = { algorithm, wrapped, domainKey, account, validTo: validTo.getTime() };
        await items.put({ ...row, body: JSON.stringify(stored) }, version === 0 ? undefined : version);
        if (await isCurrent(keys, "material", domainKey)) return issueImportToken(token, proof);
      }
    },

    async open({ id: keyId, account }, bytes, now) {
      const token = openImportToken(bytes, keyId, now, proof);
      const stored = await items.get(rowKey(token), keptFrom);
      if (!stored) throw invalidImportToken();
      const { algorithm } = stored;
      const pkcs8 = (await unwrapped(stored, keys, boundTo(account, token, algorithm))).export();
      try {
        return { algorithm, privateKey: privateKeyOf(pkcs8) };
      } finally {
        pkcs8.fill(0);
      }
    },
  };
}

/**
 * Wraps a kept wrapping key anew under the current domain key; answers whether it was under another.
 *
 * What was written by earlier versions cannot be wrapped anew, and is gone a day later.
 * @throws {Conflict}
 */
export async function rewrapImport(items: Items, keys: DomainKeys, { pk, sk }: RowKey): Promise<boolean> {
  const kept = await items.get({ pk, sk }, keptFrom);
  const { version: domainKey, key } = await keys.current("material");
  if (!kept || kept.domainKey === domainKey) return false;
  const { version, ...stored } = kept;
  const { algorithm, account, validTo } = stored;
  if (account === undefined || validTo === undefined) return true;
  const token: ImportToken = { keyId: pk.slice("IMPORT#".length), id: sk.slice("W#".length), validTo: new Date(validTo) };
  const bound = boundTo(account, token, algorithm);
  const wrapped = wrapKey(key, await unwrapped(stored, keys, bound), bound).toString("base64");
  const body = JSON.stringify({ ...stored, wrapped, domainKey } satisfies Stored);
  await items.put({ pk, sk, body, expires: expiryOf(token.validTo) }, version);
  return true;
}

async function unwrapped({ wrapped, domainKey }: Stored, keys: DomainKeys, bound: readonly string[]): Promise<KeyObject> {
  const key = await keys.version("material", domainKey);
  if (!key) throw new Error(`The domain key material ${domainKey} is missing.`);
  return unwrapKey(key, Buffer.from(wrapped, "base64"), bound);
}
