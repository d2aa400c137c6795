import { createCipheriv, createHash, getFips, setFips } from "node:crypto";
import type { Options } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Has OpenSSL use its FIPS provider alone, for the whole process. Without one, Node says that all is well and every algorithm fails later: so
 * two are tried.
 * @throws {UsageError} when there is none, or the root would be protected by what is not approved.
 */
export function enterFips({ root }: Pick<Options, "root">): void {
  if (root.kind === "passphrase")
    throw new UsageError("--fips: a passphrase protects the root by scrypt, which is not approved; use another --root.");
  try {
    setFips(true);
    createHash("sha256").update("trent").digest();
    createCipheriv("aes-256-gcm", Buffer.alloc(32), Buffer.alloc(12)).final();
    if (getFips() !== 1) throw new Error("The mode is off.");
  } catch {
    throw new UsageError("--fips: the OpenSSL of this Node has no FIPS provider that works; see its manual page fips_module(7).");
  }
}
