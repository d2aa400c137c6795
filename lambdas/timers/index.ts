/**
 * What Trent does by itself, one line each: what the hosts run and `lib` deploys.
 *
 * The local host runs them in its own process (`#local/scheduler`); on AWS each has a rule and a function of its own.
 */
import { closing } from "./closing.ts";
import { deletion } from "./deletion.ts";
import { expiry } from "./expiry.ts";
import { reconciling } from "./reconciling.ts";
import { rotation } from "./rotation.ts";
import { type Report, runTimer, type TimerDeps } from "./run.ts";
import type { AnyTimer } from "./timer.ts";

export { lagOf } from "./lag.ts";
export { type Report, runDue, runTimer, type TimerDeps } from "./run.ts";
export type { AnyTimer } from "./timer.ts";
export { closing, deletion, expiry, reconciling, rotation };

export const TIMERS: readonly AnyTimer[] = [deletion, expiry, rotation, closing, reconciling];

/** What the rule and the role of a timer's function are made of; levels, indexes and roots as those of operations. */
export interface TimerFunction {
  readonly name: string;
  readonly everyMinutes: number;
  /** The same, as a rule of EventBridge says it. */
  readonly schedule: string;
  readonly access: TimerAccess;
}

type RootName = "control" | "material";

interface TimerAccess {
  readonly tables: {
    readonly keys: "write";
    readonly domains: "read";
    readonly "shared-domains": "read";
    readonly principals?: "read";
    readonly log: "append" | "read-append";
  };
  readonly indexes: { readonly keys: readonly [1, 2]; readonly log?: readonly [1] };
  readonly roots: readonly RootName[];
}

/**
 * Keys, aliases and the lease are rows of one table, found by both of its indexes; accounts, and what
 * intents may be about, are principals; the rest is what opening a Region
 * takes, and the record.
 */
const accessOf = ({ uses }: AnyTimer): TimerAccess => ({
  tables: {
    keys: "write",
    domains: "read",
    "shared-domains": "read",
    ...((uses.closings || uses.intents) && { principals: "read" }),
    log: uses.intents ? "read-append" : "append",
  },
  indexes: { keys: [1, 2], ...(uses.intents && { log: [1] as const }) },
  roots: uses.material ? ["control", "material"] : ["control"],
});

/** One function a timer, each with the least that timers can do their work with. */
export const TIMER_FUNCTIONS: readonly TimerFunction[] = TIMERS.map((timer) => ({
  name: timer.name,
  everyMinutes: timer.everyMinutes,
  schedule: timer.everyMinutes === 1 ? "rate(1 minute)" : `rate(${timer.everyMinutes} minutes)`,
  access: accessOf(timer),
}));

/**
 * The handler of a timer's function: what the event says does not matter.
 * @throws when something that was due could not be done, so that the function counts as failed; all the rest has been done then.
 */
export function timerHandlerOf(timer: AnyTimer, deps: TimerDeps, region: string): (event: unknown) => Promise<Report | undefined> {
  return async () => {
    const report = await runTimer(timer, deps, region);
    if (report && report.failed > 0) throw new Error(`${report.failed} of what was due could not be done; see the log above.`);
    return report;
  };
}
