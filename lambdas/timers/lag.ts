import type { TimerDeps } from "./run.ts";
import { type AnyTimer, storesOf } from "./timer.ts";

const PAGE = 100;
/** So many hints are looked at: many may stand before those that are due, and be stale or another timer's. */
const MOST = 2000;

/**
 * For how long the oldest of what is due has been waiting for a timer in a Region, in milliseconds; 0 when nothing is due. Undefined for a timer
 * that cannot tell, and when the hints are too many to be looked at.
 */
export async function lagOf(timer: AnyTimer, deps: TimerDeps, region: string): Promise<number | undefined> {
  if (!timer.dueSince) return undefined;
  const now = deps.now();
  const stores = storesOf(await deps.region(region), timer.uses, looking) as never;
  let after: string | undefined;
  for (let looked = 0; looked < MOST; looked += PAGE) {
    const { ids, next } = await timer.find(stores, now, { after, limit: PAGE });
    let oldest = now.getTime();
    for (const id of ids) {
      const found = (await timer.read(stores, id)) as never;
      if (timer.due(found, now) === undefined) continue;
      oldest = Math.min(oldest, timer.dueSince(found, now)?.getTime() ?? oldest);
    }
    // What comes later fell due later.
    if (oldest < now.getTime() || next === undefined) return now.getTime() - oldest;
    after = next;
  }
  return undefined;
}

const looking = async (): Promise<never> => {
  throw new Error("Looking for what is due tried to change something.");
};
