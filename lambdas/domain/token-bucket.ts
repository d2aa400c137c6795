/**
 * The tokens of one quota, as a value: who took how many and when, as far as that still counts.
 *
 * A token comes back exactly one second after it was taken. So no second, wherever it begins, sees more than the quota, and a caller who uses
 * the whole quota every second is never refused; a bucket that drips would break the one or the other.
 */
export interface BucketState {
  /** Tokens out now. */
  readonly taken: number;
  /** When the bucket was last asked, in milliseconds. */
  readonly at: number;
  /** A queue in two halves: the first in the order of taking, the second in the opposite one. */
  readonly older: Taking | undefined;
  readonly newer: Taking | undefined;
}

interface Taking {
  readonly at: number;
  readonly count: number;
  readonly next: Taking | undefined;
}

export const FULL: BucketState = { taken: 0, at: Number.NEGATIVE_INFINITY, older: undefined, newer: undefined };

/**
 * Takes `n` tokens at the time `now`, all or none; a refused caller takes nothing.
 *
 * The bucket holds one second's worth, at least one token. Below one a second it holds one, which comes back after as many seconds as the rate
 * says: "0.5 means one per two seconds". Above, only whole tokens count. A rate of 0, or one that is no number, admits nobody.
 * A clock that goes backwards gives nothing back: what is out then counts as taken at that moment.
 * @param rate tokens a second. @param now milliseconds.
 * @see AWS KMS Developer Guide, "Request quotas"
 */
export function take(state: BucketState, rate: number, now: number, n = 1): { readonly state: BucketState; readonly admitted: boolean } {
  const settled = now < state.at ? rewound(state, now) : settle(state, periodOf(rate), now);
  const admitted = rate > 0 && settled.taken + n <= Math.max(1, Math.floor(rate));
  return { state: admitted ? given(settled, n) : settled, admitted };
}

/** All tokens are back: a new bucket would say the same. */
export function isFull(state: BucketState, rate: number, now: number): boolean {
  return state.taken === 0 || now - state.at >= periodOf(rate);
}

/** How long a token is out, in milliseconds. */
function periodOf(rate: number): number {
  return rate < 1 ? 1000 / rate : 1000;
}

function settle(state: BucketState, period: number, now: number): BucketState {
  let { taken, older, newer } = state;
  for (;;) {
    if (older === undefined) {
      older = reversed(newer);
      newer = undefined;
    }
    if (older === undefined || now - older.at < period) return { taken, at: now, older, newer };
    taken -= older.count;
    older = older.next;
  }
}

function reversed(takings: Taking | undefined): Taking | undefined {
  let turned: Taking | undefined;
  for (let each = takings; each !== undefined; each = each.next) turned = { at: each.at, count: each.count, next: turned };
  return turned;
}

function rewound({ taken }: BucketState, now: number): BucketState {
  return { taken, at: now, older: taken > 0 ? { at: now, count: taken, next: undefined } : undefined, newer: undefined };
}

function given({ taken, at, older, newer }: BucketState, n: number): BucketState {
  const same = newer?.at === at ? newer : undefined;
  return { taken: taken + n, at, older, newer: { at, count: n + (same?.count ?? 0), next: same === undefined ? newer : same.next } };
}
