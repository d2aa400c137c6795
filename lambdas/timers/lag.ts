import type { TimerDeps } from "./run.ts";
import { type AnyTimer, storesOf } from "./timer.ts";

/** So many hints are looked at; beyond them nothing is older. */
const HINTS = 100;

/**
 * For how long the oldest of what is due has been waiting for a timer in a Region, in milliseconds; 0 when nothing is due. Undefined for a timer
 * that cannot tell.
 */
export async function lagOf(timer: AnyTimer, deps: TimerDeps, region: string): Promise<number | undefined> {
  if (!timer.dueSince) return undefined;
  const now = deps.now();
  const stores = storesOf(await deps.region(region), timer.uses, looking) as never;
  const { ids } = await timer.find(stores, now, { limit: HINTS });
  let oldest = now.getTime();
  for (const id of ids) {
    const found = (await timer.read(stores, id)) as never;
    if (timer.due(found, now) === undefined) continue;
    oldest = Math.min(oldest, timer.dueSince(found, now)?.getTime() ?? oldest);
  }
  return now.getTime() - oldest;
}

const looking = async (): Promise<never> => {
  throw new Error("Looking for what is due tried to change something.");
};
