/**
 * What a timer is: something that Trent does by itself when its time has come.
 *
 * Whether anything is due is a pure function of what is stored and the time, and operations go by it too: they refuse what has fallen due
 * before any timer ran. So a timer that is late is never wrong, and one that runs twice, at once or again, finds nothing left to do.
 */
import type { Witnessed } from "#domain/seal-check";
import type { Gate, Regional, Tables, Uses } from "#store";

/** What a timer may use: keys, what points to them and what they share, accounts that closed, changes without an outcome, seals; of material, to make new. */
export type TimerUses = Pick<Uses, "keys" | "aliases" | "grants" | "closings" | "intents" | "seals" | "material" | "multiRegion">;

/** The tables that a timer named, at the level it named. */
export type Stores<U extends TimerUses> = { readonly [T in keyof U & keyof Tables]: Tables[T][U[T] & keyof Tables[T]] };

/** The stores of a Region that a timer named, every change past this gate. */
export const storesOf = <U extends TimerUses>(regional: Regional, uses: U, gate: Gate): Stores<U> =>
  regional.stores(uses, gate) as unknown as Stores<U>;

/** One Region, at the time of one run. */
export interface Turn {
  readonly region: string;
  readonly regional: Regional;
  readonly now: Date;
  /** A new id for a row of the log: UUIDv7. */
  readonly newId: () => string;
  /** Says where nobody can take it back how far the log is sealed. */
  readonly testify?: ((line: Witnessed) => void) | undefined;
}

export interface Page {
  /** What may be due, in the order in which it fell due: hints, some of them stale; perhaps none, though the list goes on at `next`. */
  readonly ids: readonly string[];
  readonly next?: string | undefined;
}

export interface Timer<U extends TimerUses, T, D> {
  readonly name: string;
  /** Between two runs in a Region; what falls due waits so long, at the most, and longer only when there is too much of it. */
  readonly everyMinutes: number;
  readonly uses: U;
  readonly find: (stores: Stores<U>, now: Date, page: { readonly after?: string | undefined; readonly limit: number }) => Promise<Page>;
  /** What stands behind a hint now. */
  readonly read: (stores: Stores<U>, id: string) => Promise<T>;
  /** What is due with it at an instant. Pure. */
  readonly due: (found: T, now: Date) => D | undefined;
  /** Since when, where that can be told: what the timer's lag is measured by. Pure; undefined when nothing is due. */
  readonly dueSince?: (found: T, now: Date) => Date | undefined;
  /** Does what is due. Somebody else may be doing the same. */
  readonly run: (due: D, turn: Turn) => Promise<void>;
}

/** A timer whose types no longer matter. */
export interface AnyTimer {
  readonly name: string;
  readonly everyMinutes: number;
  readonly uses: TimerUses;
  readonly find: (stores: never, now: Date, page: { readonly after?: string | undefined; readonly limit: number }) => Promise<Page>;
  readonly read: (stores: never, id: string) => Promise<unknown>;
  readonly due: (found: never, now: Date) => unknown;
  readonly dueSince?: (found: never, now: Date) => Date | undefined;
  readonly run: (due: never, turn: Turn) => Promise<void>;
}

/** Declares a timer. */
export function timer<const U extends TimerUses, T, D>(declaration: Timer<U, T, D>): Timer<U, T, D> {
  return declaration;
}
