import type { EventRecord } from "./event-record.ts";

/** Who used a key, and what for. Times in ISO 8601. */
export interface KeyUser {
  /** ARN; of somebody of another account that account, of a service its name. */
  readonly caller: string;
  /** How often, by operation. */
  readonly calls: Readonly<Record<string, number>>;
  readonly last: string;
}

/** The operations that need a key's material: whoever calls them needs the key. @see AWS KMS API Reference, GetKeyLastUsage, "Operation" */
export const TRACKED = [
  "Decrypt",
  "DeriveSharedSecret",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateMac",
  "ReEncrypt",
  "Sign",
  "Verify",
  "VerifyMac",
  "Encapsulate",
  "Decapsulate",
] as const;
const CRYPTOGRAPHIC: ReadonlySet<string> = new Set(TRACKED);

/** Says whether a record is one of a key being used: a call that did what it was to do. */
export const isUse = ({ s, e, x, y, r = [] }: EventRecord, keyArn: string): boolean =>
  s === "kms" && y === undefined && x === undefined && CRYPTOGRAPHIC.has(e) && r.includes(keyArn);

/** Counts uses by whose they were; of however many it keeps a line for each user. */
export function useCounter() {
  const users = new Map<string, { readonly calls: Record<string, number>; last: number }>();
  return {
    add({ c, e, t }: EventRecord): void {
      const user = users.get(c.a) ?? { calls: {}, last: 0 };
      users.set(c.a, user);
      user.calls[e] = (user.calls[e] ?? 0) + 1;
      user.last = Math.max(user.last, t);
    },
    /** The latest first. */
    users: (): readonly KeyUser[] =>
      [...users]
        .sort(([, one], [, other]) => other.last - one.last)
        .map(([caller, { calls, last }]) => ({ caller, calls, last: new Date(last).toISOString() })),
  };
}
