import type { Witnessed } from "#domain/seal-check";
import type { Regional } from "#store";
import { type AnyTimer, storesOf, type Turn } from "./timer.ts";

/** What timers need of a host: of what operations need, these, and leases. */
export interface TimerDeps {
  readonly region: (name: string) => Promise<Regional>;
  readonly leases: (region: string) => Leases;
  /** The time that keys live in. */
  readonly now: () => Date;
  /** The time that leases run by. */
  readonly wallClock: () => Date;
  readonly newId: () => string;
  /** Of this process or function instance. */
  readonly holder: string;
  /** @see Turn */
  readonly testify?: (line: Witnessed) => void;
  readonly operator: {
    error(event: string, facts: Readonly<Record<string, unknown>>): void;
    debug(event: string, facts: Readonly<Record<string, unknown>>): void;
  };
}

/** @see #store/leases */
interface Leases {
  take(name: string, holder: string, now: Date, until: Date): Promise<Lease | undefined>;
  hold(lease: Lease, until: Date): Promise<void>;
}
interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly until: Date;
  readonly version: number;
}

export interface Report {
  readonly timer: string;
  readonly region: string;
  /** How much was done, and how much failed. */
  readonly done: number;
  readonly failed: number;
  /** Time was up before everything was looked at. */
  readonly more: boolean;
}

const PAGE = 100;
/** A run takes up nothing new after this long. */
const BUDGET_MS = 20_000;
/** Longer than a run takes: whoever holds the lease for longer is taken for dead. */
const LEASE_MS = 60_000;
/** Which part of the time between two runs nobody else runs in. Below 1, because clocks and schedules are not exact. */
const ALONE = 0.9;

/**
 * Runs a timer in a Region, unless nothing is due or somebody else runs it or has just done so: then undefined.
 *
 * What fails is told to the operator, and tried again by the next run; it does not keep the rest from being done.
 */
export async function runTimer(timer: AnyTimer, deps: TimerDeps, region: string): Promise<Report | undefined> {
  const { leases, wallClock, holder } = deps;
  // The hints are asked first: as long as nothing is due, nothing is written.
  if (!(await hasHints(timer, deps, region))) return undefined;
  const started = wallClock();
  const lease = await leases(region).take(timer.name, holder, started, later(started, LEASE_MS));
  if (!lease) return undefined;
  const report = await runDue(timer, deps, region);
  // What is left over does not wait for the next time.
  const alone = report.more ? 0 : timer.everyMinutes * 60_000 * ALONE;
  await leases(region).hold(lease, later(started, alone));
  deps.operator.debug("timer", { ...report });
  return report;
}

async function hasHints(timer: AnyTimer, deps: TimerDeps, region: string): Promise<boolean> {
  const regional = await deps.region(region);
  const { ids, next } = await timer.find(storesOf(regional, timer.uses, closed) as never, deps.now(), { limit: 1 });
  return ids.length > 0 || next !== undefined;
}

/** Does what is due in a Region, as much of it as there is time for, whoever else does the same. */
export async function runDue(timer: AnyTimer, deps: TimerDeps, region: string): Promise<Report> {
  const { now, wallClock, newId, testify, operator } = deps;
  const regional = await deps.region(region);
  const stores = storesOf(regional, timer.uses, closed) as never;
  const turn: Turn = { region, regional, now: now(), newId, testify };
  const deadline = later(wallClock(), BUDGET_MS);
  const count = { done: 0, failed: 0 };

  async function one(id: string): Promise<void> {
    try {
      const due = timer.due((await timer.read(stores, id)) as never, turn.now);
      if (due === undefined) return;
      await timer.run(due as never, turn);
      count.done += 1;
    } catch (cause) {
      count.failed += 1;
      operator.error("timer failed", { timer: timer.name, region, id, cause: String(cause) });
    }
  }

  let after: string | undefined;
  do {
    const page = await timer.find(stores, turn.now, { after, limit: PAGE });
    for (const id of page.ids) {
      if (wallClock() > deadline) return { timer: timer.name, region, ...count, more: true };
      await one(id);
    }
    after = page.next;
  } while (after !== undefined && wallClock() <= deadline);
  return { timer: timer.name, region, ...count, more: after !== undefined };
}

/** Looking changes nothing. */
const closed = async (): Promise<never> => {
  throw new Error("A timer tried to change something while it was looking for what is due.");
};

const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms);
