import { type Draw, drawsOf, idOf, memoryQuotas, mostUsed, type QuotaPort } from "./quota.ts";
import { draw, heard, isIdle, type Lease, type LeaseTerms, leased, sharesOf, UNASKED, wanted } from "./quota-lease.ts";
import type { QuotaProfile } from "./quota-profiles.ts";

/** What is common to all sharers in one Region: who leases `n` a second of a bucket for a window is told whether there was so much left. */
export type QuotaPool = (lease: {
  readonly account: string;
  readonly bucket: string;
  /** Seconds of the epoch. */
  readonly window: number;
  readonly n: number;
  /** All that may be leased in the window. */
  readonly pool: number;
}) => Promise<boolean>;

/** Who shares the quotas, and how. */
export interface Sharing {
  /** Undefined where there is none at hand. */
  readonly poolOf: (region: string) => QuotaPool | undefined;
  /** How many they are; it may change. */
  readonly sharers: () => number;
}

/** The quotas of one process: exact while it is alone, and leased while it shares them. */
export function quotasOf(profile: QuotaProfile, sharing?: Sharing): QuotaPort {
  const alone = memoryQuotas(profile);
  if (!sharing) return alone;
  const together = sharedQuotas(profile, sharing);
  const current = () => (sharing.sharers() > 1 ? together : alone);
  return { profile, take: (...asked) => current().take(...asked), used: (now) => current().used?.(now) ?? [] };
}

interface Bucket {
  lease: Lease;
  terms: LeaseTerms;
  waiting: number;
  leasing: Promise<void> | undefined;
}

/** Below this many buckets nothing is looked through. */
const FEW = 1024;

/** Quotas that several processes keep together, each by its own {@link Lease}. Of a Region whose pool is not at hand nothing is charged. */
function sharedQuotas(profile: QuotaProfile, { poolOf, sharers }: Sharing): QuotaPort {
  const buckets = new Map<string, Bucket>();
  let most = FEW;

  function bucketOf(id: string, terms: LeaseTerms, now: number): Bucket {
    const known = buckets.get(id);
    if (known) {
      known.terms = terms;
      return known;
    }
    if (buckets.size >= most) {
      for (const [each, old] of buckets) if (!old.leasing && isIdle(old.lease, old.terms, now)) buckets.delete(each);
      most = Math.max(FEW, 2 * buckets.size);
    }
    const made: Bucket = { lease: UNASKED, terms, waiting: 0, leasing: undefined };
    buckets.set(id, made);
    return made;
  }

  /** Leases for all who wait, once at a time. What is refused is asked for by halves: nobody knows how much is left. */
  async function lease(bucket: Bucket, { account, bucket: name, region }: Draw): Promise<void> {
    const { window } = bucket.lease;
    const { pool } = sharesOf(bucket.terms);
    const ask = poolOf(region);
    for (let n = wanted(bucket.lease, bucket.terms, bucket.waiting); n >= 1; n = Math.floor(n / 2)) {
      if (!(await ask?.({ account, bucket: name, window, n, pool }))) continue;
      bucket.lease = leased(bucket.lease, window, n);
      return;
    }
    bucket.lease = leased(bucket.lease, window, 0);
  }

  /** Takes all or none; undefined where something has to be leased first. */
  function attempt(draws: readonly (readonly [Draw, Bucket])[], now: number): boolean | readonly (readonly [Draw, Bucket])[] {
    const outcomes = draws.map((pair) => ({ pair, ...draw(pair[1].lease, pair[1].terms, now, pair[0].count) }));
    if (outcomes.some(({ drawn }) => drawn === "no")) return false;
    const lacking = outcomes.filter(({ drawn }) => drawn === "lease");
    if (lacking.length > 0) return lacking.map(({ pair }) => pair);
    for (const { pair, lease } of outcomes) pair[1].lease = lease;
    return true;
  }

  async function afterLeasing(draws: readonly (readonly [Draw, Bucket])[], now: number): Promise<boolean> {
    for (;;) {
      const outcome = attempt(draws, now);
      if (typeof outcome === "boolean") return outcome;
      for (const [each, bucket] of outcome) {
        bucket.waiting += each.count;
        bucket.leasing ??= lease(bucket, each).finally(() => {
          bucket.leasing = undefined;
        });
        await bucket.leasing.finally(() => {
          bucket.waiting -= each.count;
        });
      }
    }
  }

  return {
    profile,
    // What this one of them was asked for.
    used: (now) =>
      mostUsed(
        Array.from(buckets, ([id, { lease, terms }]) => [
          id,
          now / 1000 - lease.second > 2 ? 0 : Math.max(lease.asked, lease.before) / terms.rate,
        ]),
      ),
    take(account, region, charges, now, settings = {}) {
      const draws = drawsOf(profile, settings, { account, region, charges }).filter((each) => poolOf(each.region));
      const pairs = draws.map((each) => [each, bucketOf(idOf(each), { rate: each.rate, sharers: sharers() }, now)] as const);
      for (const [each, bucket] of pairs) bucket.lease = heard(bucket.lease, bucket.terms, now, each.count);
      const outcome = attempt(pairs, now);
      return typeof outcome === "boolean" ? outcome : afterLeasing(pairs, now);
    },
  };
}
