import type { KeyObject } from "node:crypto";
import { privateKeyOf, randomBytes, secretKey, unwrapKey, type WrappingAlgorithm, wrapKey } from "@trent/crypto";
import { type ImportToken, invalidImportToken, issueImportToken, openImportToken, type TokenProof } from "#domain/import-token";
import type { Key } from "#domain/key";
import type { DomainKeys } from "./domain-keys.ts";
import type { Items } from "./items.ts";

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
}

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
      const { version, key } = await keys.current("material");
      const stored: Stored = {
        algorithm,
        wrapped: wrapKey(key, secret, boundTo(account, token, algorithm)).toString("base64"),
        domainKey: version,
      };
      await items.put({ ...rowKey(token), body: JSON.stringify(stored), expires: Math.ceil(validTo.getTime() / 1000) });
      return issueImportToken(token, proof);
    },

    async open({ id: keyId, account }, bytes, now) {
      const token = openImportToken(bytes, keyId, now, proof);
      const stored = await items.get(rowKey(token), (body): Stored => JSON.parse(body));
      if (!stored) throw invalidImportToken();
      const { algorithm, wrapped, domainKey } = stored;
      const key = await keys.version("material", domainKey);
      if (!key) throw new Error(`The domain key material ${domainKey} is missing.`);
      const pkcs8 = unwrapKey(key, Buffer.from(wrapped, "base64"), boundTo(account, token, algorithm)).export();
      try {
        return { algorithm, privateKey: privateKeyOf(pkcs8) };
      } finally {
        pkcs8.fill(0);
      }
    },
  };
}
