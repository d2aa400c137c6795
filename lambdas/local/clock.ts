import { type AnyTimer, runDue, type TimerDeps } from "#timers";

/** The time that the keys of a sandbox live in: it passes as time does, and can be moved forward. */
export interface Clock {
  readonly now: () => Date;
  /** Never back. */
  moveTo(time: Date): void;
}

export function movableClock(start = new Date()): Clock {
  let ahead = start.getTime() - Date.now();
  return {
    now: () => new Date(Date.now() + ahead),
    moveTo(time) {
      ahead = Math.max(ahead, time.getTime() - Date.now());
    },
  };
}

export interface Timed {
  readonly clock: Clock;
  readonly timers: readonly AnyTimer[];
  readonly deps: TimerDeps;
  /** The Regions that there is anything in. */
  readonly regions: () => Promise<readonly string[]>;
}

/** What a run leaves undone is tried again by the next ones, so many times; then it waits until the clock has moved. */
const TRIES = 24;

/**
 * Moves the clock from one instant at which something falls due to the next, and does it there, as if the time had passed.
 *
 * The clock stands where it was to go, or a little later, when this is done.
 */
export async function advance(timed: Timed, seconds: number): Promise<Date> {
  const { clock, timers, deps, regions } = timed;
  const target = new Date(clock.now().getTime() + seconds * 1000);
  for (let tries = 0; ; ) {
    const next = await nextRun(timed, target, tries < TRIES);
    tries = next.again ? tries + 1 : 0;
    clock.moveTo(next.at);
    for (const region of await regions()) for (const timer of timers) while ((await runDue(timer, deps, region)).more);
    if (next.at >= target) return clock.now();
  }
}

/** When timers have something to do that they have not now, or are to try again what they left; or, at last, `until`. */
async function nextRun({ clock, timers, deps, regions }: Timed, until: Date, retry: boolean): Promise<{ at: Date; again: boolean }> {
  const from = clock.now().getTime();
  let next = { at: until.getTime(), again: false };
  for (const region of await regions()) {
    const regional = await deps.region(region);
    for (const timer of timers) {
      const stores = regional.stores(timer.uses, unused) as never;
      const hints = async (at: number, limit: number) => (await timer.find(stores, new Date(at), { limit })).ids.length;
      const left = await hints(from, LOOKED_AT);
      const again = from + timer.everyMinutes * 60_000;
      if (left > 0 && retry && again < next.at) next = { at: again, again: true };
      const first = await firstIn(from, next.at, async (at) => (await hints(at, left + 1)) > left);
      if (first !== undefined) next = { at: first, again: false };
    }
  }
  return { at: new Date(next.at), again: next.again };
}

const LOOKED_AT = 1000;
const unused = async (): Promise<never> => {
  throw new Error("Looking for what falls due tried to change something.");
};

/** The first time after `from` and before `until` at which something holds that holds from then on. */
async function firstIn(from: number, until: number, holds: (at: number) => Promise<boolean>): Promise<number | undefined> {
  let [before, at] = [from, until - 1];
  if (at <= before || !(await holds(at))) return undefined;
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (await holds(middle)) at = middle;
    else before = middle;
  }
  return at;
}
