import { digest } from "@trent/crypto";
import type { Head } from "./chain.ts";

/** A head that a process vouches for: that of a writer of its own. */
export interface SealedHead extends Head {
  /** What of the same writer the seal before said that had it, and when that was made. */
  readonly since?: { readonly number: number; readonly at: number };
  /** The operator took it in as it was found: its writer had ended without sealing it. */
  readonly found?: true;
}

/** What is signed. Seals of a Region are numbered, and each names the one before by its digest. */
export interface Seal {
  readonly region: string;
  readonly number: number;
  /** When it was made, in milliseconds. */
  readonly at: number;
  /** How long rows of the log are kept, in days. */
  readonly days: number;
  /** The seal before; absent in the first. */
  readonly previous?: { readonly digest: string; readonly at: number };
  /** Writers that wrote since they were last sealed. */
  readonly heads: readonly SealedHead[];
}

/** As it is stored: the text that was signed, and the signature of its bytes (ECDSA P-256 with SHA-256, DER, base64url). */
export interface SignedSeal {
  readonly text: string;
  readonly key: number;
  readonly signature: string;
}

export const SEALING = { spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256" } as const;
/** How digests of an export are signed: as CloudTrail signs its own. */
export const DIGESTING = { spec: "RSA_2048", algorithm: "RSASSA_PKCS1_V1_5_SHA_256" } as const;

/** Sort keys of seals: in the order of their numbers. */
export const sealName = (number: number): string => String(number).padStart(12, "0");

export const digestOf = ({ text }: Pick<SignedSeal, "text">): string => digest(text);

/** Undefined when it is not as a seal is stored. */
export function signedSealIn(body: string): SignedSeal | undefined {
  try {
    const { text, key, signature, ...rest } = JSON.parse(body);
    const isOne = typeof text === "string" && typeof signature === "string" && Number.isInteger(key) && Object.keys(rest).length === 0;
    return isOne && JSON.stringify({ text, key, signature }) === body ? { text, key, signature } : undefined;
  } catch {
    return undefined;
  }
}

const DAY_MS = 86_400_000;
/** What ends long after it began is kept from its beginning on, and goes earlier than its neighbours. */
const EARLY_DAYS = 7;
/** A seal outlives the rows that it is about. */
export const SEAL_OUTLIVES_DAYS = 14;

/** Whether every row that was there at a time may have expired. */
export const mayHaveExpired = (at: number, days: number, now: number): boolean => at + (days - EARLY_DAYS) * DAY_MS < now;

/** Whether a seal of that time may have. */
export const sealMayHaveExpired = (at: number, days: number, now: number): boolean => at + (days + SEAL_OUTLIVES_DAYS) * DAY_MS < now;
