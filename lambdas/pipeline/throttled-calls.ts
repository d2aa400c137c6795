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

/**
 * Records throttled calls of one operation: one record for an account and a second, so that a flood of them cannot fill the log.
 *
 * The first of a second is written at once, and answered when it is. The others are counted: the next record stands for them too, and if the
 * next second has none of its own, one is written for them then.
 */
export function throttledCalls({ now, wallClock, operator }: Pick<Deps, "now" | "wallClock" | "operator">) {
  const counts = new Map<string, Counted>();

  /** What comes when a second is over, even if nobody calls again. */
  function turn(id: string): void {
    const counted = counts.get(id);
    if (!counted) return;
    const { more, write } = counted;
    const second = secondOf(wallClock());
    if (more === 0 && second !== counted.second) {
      counts.delete(id);
      return;
    }
    later(id);
    if (second === counted.second) return;
    counts.set(id, { ...counted, second, more: 0 });
    write(more).catch((cause: unknown) => operator.error("throttled calls not recorded", { count: more, cause: String(cause) }));
  }
  const later = (id: string): void => void setTimeout(turn, TURN_MS, id).unref();

  return async (account: string, region: string, record: CallRecord, append: (record: CallRecord) => Promise<void>): Promise<void> => {
    const id = `${account} ${region}`;
    const second = secondOf(wallClock());
    const write = (count: number) => append({ ...record, t: now().getTime(), n: count });
    const counted = counts.get(id);
    if (counted?.second === second) {
      counts.set(id, { second, more: counted.more + 1, write });
      return;
    }
    counts.set(id, { second, more: 0, write });
    if (!counted) later(id);
    await write(1 + (counted?.more ?? 0));
  };
}

const secondOf = (now: Date): number => Math.floor(now.getTime() / 1000);
