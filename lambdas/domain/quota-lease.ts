import { type BucketState, FULL, isFull, take } from "./token-bucket.ts";

/** A bucket that several share: processes, or instances of functions. */
export interface LeaseTerms {
  /** Requests a second, of all together. */
  readonly rate: number;
  /** How many share it, at most. */
  readonly sharers: number;
}

/**
 * The part of one sharer, as a value: a rate of its own, so that the sum of all is never above the quota.
 *
 * It has a small share for nothing, and leases more out of what is common to all for the rest of a window. So a caller who stays within the
 * share costs no write, and one who does not costs a few in a window, however many calls it makes.
 */
export interface Lease {
  /** When the window began: seconds of the epoch. */
  readonly window: number;
  /** Requests a second, leased until it ends. */
  readonly leased: number;
  /** The pool of this window has nothing left; and that of the window before had nothing left. */
  readonly spent: boolean;
  readonly short: boolean;
  readonly tokens: BucketState;
  /** How many were asked for in this second, and in the one before. */
  readonly second: number;
  readonly asked: number;
  readonly before: number;
}

export const UNASKED: Lease = {
  ...{ window: 0, leased: 0, spent: false, short: false, tokens: FULL },
  ...{ second: 0, asked: 0, before: 0 },
};

/**
 * The part of a quota that is given away in shares. They are taken off the pool: nobody knows which of them are used. One in twenty is what a
 * caller loses who is served by one sharer alone.
 */
const GIVEN_AWAY = 1 / 20;
/** Seconds of a window. A long one costs fewer writes, and it takes as long until what one sharer has no use for is another's. */
const LONG = 5;
const SHORT = 1;
/** From this rate on a window is long. */
const MANY = 1000;
/** What is leased beyond the present need, so that a little more does not need another write. */
const GROWTH = 1.5;
const SLACK = 1.1;
/** Seconds that a clock may go back; beyond that everything begins anew. */
const BACK = 60;

/** What all sharers together may have out of the pool in one window, what each has anyway, and how long a window is, in seconds. */
export function sharesOf({ rate, sharers }: LeaseTerms): { readonly pool: number; readonly share: number; readonly seconds: number } {
  if (!(rate > 0)) return { pool: 0, share: 0, seconds: SHORT };
  if (rate < 1) return { pool: 1, share: 0, seconds: Math.ceil(1 / rate) };
  const all = Math.floor(rate);
  const share = Math.floor((all * GIVEN_AWAY) / sharers);
  return { pool: all - share * sharers, share, seconds: all >= MANY ? LONG : SHORT };
}

/** The lease at this time, after `n` more were asked for: in a new window nothing is leased yet. @param now milliseconds */
export function heard(lease: Lease, terms: LeaseTerms, now: number, n: number): Lease {
  const { seconds } = sharesOf(terms);
  const at = Math.floor(now / 1000);
  if (at < lease.second - BACK) return heard(UNASKED, terms, now, n);
  const second = Math.max(at, lease.second);
  const window = Math.max(second - (second % seconds), lease.window);
  const begun = window === lease.window ? lease : { ...lease, window, leased: 0, spent: false, short: lease.spent };
  if (second === lease.second) return { ...begun, asked: lease.asked + n };
  return { ...begun, second, asked: n, before: second === lease.second + 1 ? lease.asked : 0 };
}

/** `lease`: more than it has, but there may be more. */
export type Drawn = "yes" | "no" | "lease";

/** Takes `n` at the time `now`, all or none. */
export function draw(lease: Lease, terms: LeaseTerms, now: number, n: number): { readonly lease: Lease; readonly drawn: Drawn } {
  const { pool, share } = sharesOf(terms);
  const own = share + lease.leased;
  const rate = own > 0 && terms.rate < 1 ? terms.rate : own;
  // Who waited for a lease may be overtaken by who came later.
  const { state, admitted } = take(lease.tokens, rate, Math.max(now, lease.tokens.at), n);
  const none = lease.spent || lease.leased >= pool || n > pool + share;
  return { lease: { ...lease, tokens: state }, drawn: admitted ? "yes" : none ? "no" : "lease" };
}

/** How much more to lease, in requests a second: what is expected, but no more than a fair part where the pool was empty a window ago. */
export function wanted({ leased, short, asked, before }: Lease, terms: LeaseTerms, waiting: number): number {
  const { pool, share } = sharesOf(terms);
  const expected = Math.floor(Math.max(before * SLACK, asked * GROWTH)) - share - leased;
  const most = short ? Math.ceil(pool / terms.sharers) : pool;
  return Math.max(1, Math.min(Math.max(Math.min(expected, most), waiting), pool - leased));
}

/** What came of asking the pool, unless the window is over: `n` more, or 0 when there was not even one. */
export function leased(lease: Lease, window: number, n: number): Lease {
  if (lease.window !== window) return lease;
  return n === 0 ? { ...lease, spent: true } : { ...lease, leased: lease.leased + n };
}

/** Nothing is lost when it is forgotten. */
export const isIdle = (lease: Lease, { rate }: LeaseTerms, now: number): boolean =>
  now / 1000 - lease.window > BACK && isFull(lease.tokens, rate, now);
