/**
 * What Trent does by itself, one line each: what the hosts run and `lib` deploys.
 *
 * The local host runs them in its own process (`#local/scheduler`); on AWS each has a rule and a function of its own.
 */
import { closing } from "./closing.ts";
import { deletion } from "./deletion.ts";
import { expiry } from "./expiry.ts";
import { reconciling } from "./reconciling.ts";
import { replication } from "./replication.ts";
import { rotation } from "./rotation.ts";
import { type Report, runTimer, type TimerDeps } from "./run.ts";
import { sealing } from "./sealing.ts";
import type { AnyTimer } from "./timer.ts";

export { lagOf } from "./lag.ts";
export { type Report, runDue, runTimer, type TimerDeps } from "./run.ts";
export type { AnyTimer } from "./timer.ts";
export { closing, deletion, expiry, reconciling, replication, rotation, sealing };

/** What every host runs. */
export const TIMERS: readonly AnyTimer[] = [deletion, expiry, rotation, replication, closing, reconciling];

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
    readonly "shared-keys"?: "write";
    readonly principals?: "read";
    readonly log: "append" | "read-append";
  };
  readonly indexes: { readonly keys?: readonly [1, 2]; readonly log?: readonly [1] };
  readonly roots: readonly RootName[];
  /** Of these tables, only rows whose partition key is like this. */
  readonly rows?: { readonly keys: readonly string[] };
}

/**
 * Keys, aliases and the lease are rows of one table, found by both of its indexes; accounts, and what
 * intents may be about, are principals; the rest is what opening a Region
 * takes, and the record. Sealing touches no key: only its lease, and how far it got.
 */
const accessOf = ({ name, uses }: AnyTimer): TimerAccess => ({
  tables: {
    keys: "write",
    domains: "read",
    "shared-domains": "read",
    ...(uses.multiRegion && { "shared-keys": "write" }),
    ...((uses.closings || uses.intents || uses.seals) && { principals: "read" }),
    log: uses.intents || uses.seals ? "read-append" : "append",
  },
  indexes: { ...(!uses.seals && { keys: [1, 2] as const }), ...(uses.intents && { log: [1] as const }) },
  roots: uses.material ? ["control", "material"] : ["control"],
  ...(uses.seals && { rows: { keys: [`TIMER#${name}`] } }),
});

/** One function a timer, each with the least that timers can do their work with; and one that seals what functions write. */
export const TIMER_FUNCTIONS: readonly TimerFunction[] = [...TIMERS, sealing].map((timer) => ({
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
