import { algorithmsOf, type KeySpec, type KeyUsage } from "#domain/key-spec";
import type { AcceptedPolicy } from "#domain/policy/accept";
import type { GivenMaterial } from "#store/materials";
import { choiceAt, type Place, textAt, wrong } from "./seed-place.ts";

/** A key that a sandbox has from the start. */
export interface SeedKey extends AcceptedPolicy {
  /** Where it stands in the file. */
  readonly at: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly description: string;
  readonly enabled: boolean;
  /** Oldest first; none: it gets a new one. */
  readonly materials: readonly GivenMaterial[];
  readonly tags: ReadonlyMap<string, string>;
  /** Names, with `alias/`. */
  readonly aliases: readonly string[];
}

/** What is so with keys that do not say it themselves, and the Regions that there are. */
export interface SeedDefaults {
  readonly account: string;
  readonly region: string;
  readonly regions: readonly string[];
}

export const SPECS = [
  "SYMMETRIC_DEFAULT",
  ...(["RSA_2048", "RSA_3072", "RSA_4096"] as const),
  ...(["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"] as const),
  ...(["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"] as const),
  ...(["ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"] as const),
] as const satisfies readonly KeySpec[];

const USAGES = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"] as const;

/** The usage that is said, or the only one that keys of the spec can have. @throws {UsageError} */
export function usageOf(spec: KeySpec, said: Place | undefined, at: string): KeyUsage {
  const possible = USAGES.filter((usage) => algorithmsOf({ spec, usage }).length > 0);
  if (said) return choiceAt(said, possible);
  const [only, ...others] = possible;
  if (!only || others.length > 0) throw wrong(at, `needs a usage: one of ${possible.join(", ")}.`);
  return only;
}

export const keyIdAt = (place: Place): string =>
  textAt(place, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "a UUID, in lower case");

export const aliasAt = (place: Place): string =>
  textAt(place, /^alias\/(?!aws\/)[a-zA-Z0-9:/_-]{1,250}$/, "a name such as alias/orders, and not alias/aws/…");

export const descriptionAt = (place: Place | undefined): string =>
  place ? textAt(place, /^.{0,8192}$/s, "a text of at most 8192 characters") : "";

export const enabledAt = (place: Place | undefined): boolean => place === undefined || choiceAt(place, ["true", "false"]) === "true";
