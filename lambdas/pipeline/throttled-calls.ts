import { Fault } from "#domain/fault";
import type { Deps } from "./deps.ts";
import type { CallRecord } from "./record.ts";

export const isThrottling = (error: Error | null): boolean => error instanceof Fault && error.name === "ThrottlingException";

/** Of one account, in one Region. */
interface Counted {
  /** The second that has its record. */
  second: number;
  /** Calls of that second that no record stands for yet, and how the last of them would be written. */
  more: number;
  write: (count: number) => Promise<void>;
}

/** A second, and some time for what comes at its end. */
const TURN_MS = 1100;

/** Records one throttled call, or counts it. */
type Throttled = (account: string, region: string, record: CallRecord, append: (record: CallRecord) => Promise<void>) => Promise<void>;

/** What writes down at once what each operation of a host has counted. */
const flushes = new WeakMap<object, Set<() => Promise<void>>>();

/** Records throttled calls that no record stands for yet, when no more calls come. */
export async function recordThrottled(deps: Pick<Deps, "operator">): Promise<void> {
  await Promise.all([...(flushes.get(deps) ?? [])].map((flush) => flush()));
}

/**
 * Records throttled calls of one operation: one record for an account and a second, so that a flood of them cannot fill the log.
 *
 * The first of a second is written at once, and answered when it is. The others are counted: the next record stands for them too, and if the
 * next second has none of its own, one is written for them then. What could not be written is counted again.
 */
export function throttledCalls(deps: Pick<Deps, "now" | "wallClock" | "operator">): Throttled {
  const { now, wallClock, operator } = deps;
  const counts = new Map<string, Counted>();

  /** What comes when a second is over, even if nobody calls again. */
  function turn(id: string): void {
    const counted = counts.get(id);
    if (!counted) return;
    const second = secondOf(wallClock());
    if (counted.more === 0 && second !== counted.second) {
      counts.delete(id);
      return;
    }
    later(id);
    if (second !== counted.second) void rest(id, { ...counted, second });
  }
  const later = (id: string): void => void setTimeout(turn, TURN_MS, id).unref();

  /** Counts calls beside those that are counted. */
  function count(id: string, { more, ...last }: Counted): void {
    const known = counts.get(id);
    if (!known) later(id);
    counts.set(id, { ...last, more: (known?.more ?? 0) + more });
  }

  /** Writes one record for what was counted, and for one call more or none. */
  async function settle(id: string, counted: Counted, one: 0 | 1): Promise<void> {
    const { second, more, write } = counted;
    if (!counts.has(id)) later(id);
    counts.set(id, { second, more: 0, write });
    try {
      await write(more + one);
    } catch (cause) {
      if (more > 0) count(id, counted);
      throw cause;
    }
  }

  const rest = (id: string, counted: Counted): Promise<void> =>
    settle(id, counted, 0).catch((cause: unknown) =>
      operator.error("throttled calls not recorded", { count: counted.more, cause: String(cause) }),
    );

  const flush = async (): Promise<void> => {
    await Promise.all([...counts].map(([id, counted]) => counted.more > 0 && rest(id, counted)));
  };
  flushes.set(deps, (flushes.get(deps) ?? new Set()).add(flush));

  return async (account, region, record, append) => {
    const id = `${account} ${region}`;
    const second = secondOf(wallClock());
    const write = (count: number) => append({ ...record, t: now().getTime(), n: count });
    const counted = counts.get(id);
    if (counted?.second === second) count(id, { second, more: 1, write });
    else await settle(id, { second, more: counted?.more ?? 0, write }, 1);
  };
}

const secondOf = (now: Date): number => Math.floor(now.getTime() / 1000);
