import { type KeyObject, scrypt } from "node:crypto";
import { secretKey } from "./secret-key.ts";

/** What scrypt takes beside a passphrase: N, r and p of RFC 7914, and a salt. */
export interface ScryptCost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Uint8Array;
}

/**
 * The 32-byte key of a passphrase, by scrypt: 128 · r · N bytes of memory for each guess. The passphrase is composed first (NFC), so that it is
 * the same from every keyboard.
 * @see RFC 7914; RFC 8265, 4.2 (OpaqueString)
 * @throws {RangeError} for a cost that scrypt does not know.
 */
export function passphraseKey(passphrase: string, { salt, cost, blockSize, parallelization }: ScryptCost): Promise<KeyObject> {
  const options = { cost, blockSize, parallelization, maxmem: 2 * 128 * cost * blockSize };
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize("NFC"), salt, 32, options, (cause, key) => (cause ? reject(cause) : resolve(secretKey(key)))),
  );
}
