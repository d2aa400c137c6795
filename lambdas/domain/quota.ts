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

/** What a call draws on one bucket: one request in its own Region, unless it says otherwise. */
export interface Charge {
  readonly bucket: string;
  readonly region?: string;
  readonly count?: number;
}

/** What a call draws on, each bucket once; a bucket alone stands for one request of it. */
export type QuotaRule = (call: QuotaCall) => readonly (string | Charge)[];

/** By the type of the key, not by the operation; without a key, as GenerateRandom, symmetric. Two types of key charge both buckets. */
export const cryptographic: QuotaRule = ({ specs }) => (specs.length === 0 ? [SYMMETRIC] : Array.from(new Set(specs.map(bucketOf))));

/** The operation's own: "control-plane operations never share". */
export const own: QuotaRule = ({ operation }) => [operation];

/** By the KeyPairSpec asked for; shared by GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext. */
export const dataKeyPair: QuotaRule = ({ input }) => [keyPairBucket(String(input?.["KeyPairSpec"]))];

/**
 * ReplicateKey: "one ReplicateKey request in the primary key's Region and two CreateKey requests in the replica Region; one is a dry run".
 * @see AWS KMS Developer Guide, "Request quotas"
 */
export const replication: QuotaRule = ({ operation, input }) => [
  operation,
  { bucket: "CreateKey", region: String(input?.["ReplicaRegion"]), count: 2 },
];

/** UpdatePrimaryRegion: "two requests, one in each of the two Regions". */
export const promotion: QuotaRule = ({ operation, input }) => [operation, { bucket: operation, region: String(input?.["PrimaryRegion"]) }];

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
  /** The rates that hold for an account for which nothing else was set. */
  readonly profile: QuotaProfile;
  /**
   * Takes these charges out of the buckets of the *calling* account, or none of them when one bucket has not enough.
   *
   * @param now milliseconds. @param settings the rates that were set for this account.
   * @returns whether the call is within its quotas; if not, the answer is {@link throttled}.
   */
  take(
    account: string,
    region: string,
    charges: readonly (string | Charge)[],
    now: number,
    settings?: QuotaProfile,
  ): boolean | Promise<boolean>;
  /** How much of each bucket was taken in the last second, as a part of the quota: of all accounts the most. @param now milliseconds */
  used?(now: number): readonly QuotaUse[];
}

export interface QuotaUse {
  readonly region: string;
  readonly bucket: string;
  readonly part: number;
}

/** Of each bucket the most. @param parts by the `idOf` of a draw */
export function mostUsed(parts: Iterable<readonly [id: string, part: number]>): readonly QuotaUse[] {
  const most = new Map<string, QuotaUse>();
  for (const [id, part] of parts) {
    // A bucket's name may have spaces.
    const [, region = "", ...bucket] = id.split(" ");
    const name = `${region} ${bucket.join(" ")}`;
    if (part > (most.get(name)?.part ?? -1)) most.set(name, { region, bucket: bucket.join(" "), part });
  }
  return [...most.values()];
}

/** A charge on a bucket that has a rate. */
export interface Draw {
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly count: number;
  readonly rate: number;
}

/** The charges that count, with the rate of each: what was set for the account, or else the profile's. */
export function drawsOf(
  profile: QuotaProfile,
  settings: QuotaProfile,
  { account, region, charges }: { readonly account: string; readonly region: string; readonly charges: readonly (string | Charge)[] },
): readonly Draw[] {
  return charges.flatMap((charge) => {
    const { bucket, region: where = region, count = 1 } = typeof charge === "string" ? { bucket: charge } : charge;
    const rate = rateOf(settings, where, bucket) ?? rateOf(profile, where, bucket);
    return rate === undefined ? [] : [{ account, region: where, bucket, count, rate }];
  });
}

export const idOf = ({ account, region, bucket }: Draw): string => `${account} ${region} ${bucket}`;

export interface MemoryQuotas extends QuotaPort {
  readonly take: (...asked: Parameters<QuotaPort["take"]>) => boolean;
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
    profile,
    remembered: () => buckets.size,
    used: (now) =>
      mostUsed(
        Array.from(buckets, ([id, { state, rate }]) => [id, isFull(state, rate, now) ? 0 : state.taken / Math.max(1, Math.floor(rate))]),
      ),
    take(account, region, charges, now, settings = {}) {
      const drawn: [string, Bucket][] = [];
      for (const draw of drawsOf(profile, settings, { account, region, charges })) {
        const { rate, count } = draw;
        const id = idOf(draw);
        const { state, admitted } = take(buckets.get(id)?.state ?? FULL, rate, now, count);
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
