import { type AnyTimer, reconciling, runTimer, TIMERS, type TimerDeps } from "#timers";
import type { Host } from "./host.ts";

export interface SchedulerOptions {
  readonly timers: readonly AnyTimer[];
  readonly deps: TimerDeps;
  /** The Regions that there is anything in. */
  readonly regions: () => Promise<readonly string[]>;
}

export interface Scheduler {
  /** Starts nothing more, and waits for what is running. */
  stop(): Promise<void>;
}

/** A server that was off for long has the most to do, but is to answer calls first. */
const FIRST_MS = 1_000;
const AGAIN_MS = 100;

/**
 * Runs timers in this process, each when its time has come.
 *
 * Any number of processes may do so over one store: a lease sees to it that one of them does the work, and the next one when that is gone.
 */
export function startScheduler({ timers, deps, regions }: SchedulerOptions): Scheduler {
  const pending = new Map<AnyTimer, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  function after(ms: number, timer: AnyTimer): void {
    if (stopped) return;
    const start = () => {
      const run = round(timer).finally(() => running.delete(run));
      running.add(run);
    };
    pending.set(timer, setTimeout(start, ms).unref());
  }

  async function round(timer: AnyTimer): Promise<void> {
    const failed = (region: string) => (cause: unknown) =>
      deps.operator.error("timer failed", { timer: timer.name, region, cause: String(cause) });
    let more = false;
    for (const region of (await regions().catch(failed("all"))) ?? []) {
      if (stopped) return;
      const report = await runTimer(timer, deps, region).catch(failed(region));
      more ||= report?.more === true;
    }
    after(more ? AGAIN_MS : timer.everyMinutes * 60_000, timer);
  }

  for (const timer of timers) after(Math.min(FIRST_MS, timer.everyMinutes * 60_000), timer);
  return {
    async stop() {
      stopped = true;
      for (const timeout of pending.values()) clearTimeout(timeout);
      await Promise.all(running);
    },
  };
}

/**
 * The timers of a host, by the time that they go by. A moved clock ages keys, but no call: what is left of one is looked for by the time that
 * ids are made of.
 */
export function timersOf({ timers: deps, regionsInUse: regions }: Host): {
  readonly keys: SchedulerOptions;
  readonly calls: SchedulerOptions;
} {
  return {
    keys: { timers: TIMERS.filter((timer) => timer !== reconciling), deps, regions },
    calls: { timers: [reconciling], deps: { ...deps, now: deps.wallClock }, regions },
  };
}

/** Runs all timers of a host. */
export function startTimers(host: Host): Scheduler {
  const schedulers = Object.values(timersOf(host)).map(startScheduler);
  return {
    async stop() {
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    },
  };
}
