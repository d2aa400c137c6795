import { Fault } from "#domain/fault";
import { ECC, keyPairBucket, ML_DSA, ML_KEM, type QuotaProfile, RSA, rateOf, SYMMETRIC } from "./quota-profiles.ts";
import { type BucketState, FULL, isFull, take } from "./token-bucket.ts";

/** What decides which buckets a call draws on. */
export interface QuotaCall {
  readonly operation: string;
  /** The specs of the keys that the call resolved, if any. */
  readonly specs: readonly string[];
  /** The validated input, for the rules that need it. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** The buckets that a call draws on, each once: one request of every one of them. */
export type QuotaRule = (call: QuotaCall) => readonly string[];

/** By the type of the key, not by the operation; without a key, as GenerateRandom, symmetric. Two types of key charge both buckets. */
export const cryptographic: QuotaRule = ({ specs }) => (specs.length === 0 ? [SYMMETRIC] : Array.from(new Set(specs.map(bucketOf))));

/** The operation's own: "control-plane operations never share". */
export const own: QuotaRule = ({ operation }) => [operation];

/** By the KeyPairSpec asked for; shared by GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext. */
export const dataKeyPair: QuotaRule = ({ input }) => [keyPairBucket(String(input?.["KeyPairSpec"]))];

const BUCKETS: readonly (readonly [prefix: string, bucket: string])[] = [
  ["SYMMETRIC_DEFAULT", SYMMETRIC],
  ["HMAC_", SYMMETRIC],
  ["RSA_", RSA],
  ["ECC_", ECC],
  ["SM2", ECC],
  ["ML_DSA_", ML_DSA],
  ["ML_KEM_", ML_KEM],
];

/** The bucket of the cryptographic operations with a key of this spec. HMAC keys count as symmetric. */
export function bucketOf(spec: string): string {
  const [, bucket] = BUCKETS.find(([prefix]) => spec.startsWith(prefix)) ?? [];
  if (bucket === undefined) throw new Error("This key spec has no quota.");
  return bucket;
}

/** Where the quotas are kept: in the process, or in a table that many share. */
export interface QuotaPort {
  /**
   * Takes one request out of each of these buckets of the *calling* account, or of none of them when one is empty.
   *
   * @param now milliseconds. @returns whether the call is within its quotas; if not, the answer is {@link throttled}.
   */
  take(account: string, region: string, buckets: readonly string[], now: number): boolean;
}

export interface MemoryQuotas extends QuotaPort {
  /** How many buckets are remembered: those that were used lately. */
  readonly remembered: () => number;
}

/** Quotas kept in one process. A bucket whose tokens are all back is forgotten sooner or later, so memory follows the recent callers. */
export function memoryQuotas(profile: QuotaProfile): MemoryQuotas {
  const buckets = new Map<string, Bucket>();
  let most = FEW;

  function keep(id: string, bucket: Bucket, now: number): void {
    buckets.set(id, bucket);
    if (buckets.size <= most) return;
    for (const [each, { state, rate }] of buckets) if (isFull(state, rate, now)) buckets.delete(each);
    most = Math.max(FEW, 2 * buckets.size);
  }

  return {
    remembered: () => buckets.size,
    take(account, region, names, now) {
      const drawn: [string, Bucket][] = [];
      for (const name of names) {
        const rate = rateOf(profile, region, name);
        if (rate === undefined) continue;
        const id = `${account} ${region} ${name}`;
        const { state, admitted } = take(buckets.get(id)?.state ?? FULL, rate, now);
        if (!admitted) {
          keep(id, { state, rate }, now);
          return false;
        }
        drawn.push([id, { state, rate }]);
      }
      for (const [id, bucket] of drawn) keep(id, bucket, now);
      return true;
    },
  };
}

interface Bucket {
  readonly state: BucketState;
  readonly rate: number;
}

/** Below this many buckets nothing is looked through. */
const FEW = 1024;

/** @see AWS KMS Developer Guide, "Throttling AWS KMS requests" */
export function throttled(): Fault {
  return new Fault("ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.");
}
