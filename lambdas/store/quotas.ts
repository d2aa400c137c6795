import type { QuotaPool } from "#domain/quota-sharing";
import { bounded } from "./bounded.ts";
import { CeilingReached, type Table } from "./port.ts";

/** Seconds of the epoch when the count of windows begins. */
const BEGINNING = Date.UTC(2020) / 1000;
/** More than twice what a window may hold, so that the sums of two windows never meet. */
const STRIDE = 2 ** 22;
/** Sums that are remembered. */
const KEPT = 10_000;

/**
 * What is leased of each bucket, as one counter that is only ever added to: its sum says the window, and what is leased in that.
 *
 * So nothing is read, nothing is replaced, and a function needs no permission but to add. Who begins a window adds what leads there from the
 * sum of an older one; the ceiling lets that happen only if the sum is still that, so nothing is counted twice. Who was the last to lease needs
 * one addition for it, another three at most.
 */
export function quotaPool(table: Table): QuotaPool {
  const sums = bounded<string, number>(KEPT);

  return async ({ account, bucket, window, n, pool }) => {
    const pk = `${account}#${bucket}`;
    const floor = (window - BEGINNING) * STRIDE;

    /** Undefined when the sum would be more than the ceiling. */
    async function add(amount: number, ceiling: number): Promise<number | undefined> {
      try {
        const sum = await table.add({ pk, sk: "POOL" }, amount, ceiling);
        sums.set(pk, sum);
        return sum;
      } catch (cause) {
        if (cause instanceof CeilingReached) return undefined;
        throw cause;
      }
    }

    const begin = async (from: number) => (await add(floor + n - from, floor + n)) !== undefined;
    const more = async () => (await add(n, floor + pool)) !== undefined;

    const last = sums.get(pk);
    if (last !== undefined && last >= floor) return more();
    if (last !== undefined && (await begin(last))) return true;
    for (;;) {
      const sum = await add(0, floor + pool);
      // Somebody whose clock is ahead has begun a later window.
      if (sum === undefined) return false;
      if (sum >= floor) return more();
      if (await begin(sum)) return true;
    }
  };
}
