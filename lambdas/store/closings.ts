import type { Account } from "#domain/account";
import type { AccountDirectory, Closing } from "./accounts.ts";
import type { Items } from "./items.ts";
import { markOf } from "./mark.ts";

/**
 * The accounts whose closing a Region has still to carry out, key by key.
 *
 * A place says how far that is: all accounts up to one that closed are done, or all before it and its keys up to one.
 */
export interface ClosingStore {
  /** What comes after a place: the account that was to close next, by then, or the one whose keys go on after `key`; worth what `account` says. */
  next(until: Date, place: string | undefined): Promise<(Closing & { readonly key?: string }) | undefined>;
  place(closing: Closing, key: string | undefined): string;
  account(id: string): Promise<Account | undefined>;
  /** Where the Region is in a pass of this name over accounts that were to close by then. */
  reached(pass: string, until: Date): Promise<string | undefined>;
  /** It is done from there to there. @see Mark.move */
  done(pass: string, from: string | undefined, to: string): Promise<void>;
}

/** @param items of the Region, in which it marks how far it is. */
export function closingStore(items: Items, { account, closings }: AccountDirectory): ClosingStore {
  const markOn = (pass: string) => markOf(items, "closing", pass);

  return {
    account,
    place: ({ at }, key) => (key === undefined ? at : `${at} ${key}`),

    async next(until, place) {
      const [at, key] = place?.split(" ") ?? [];
      if (at !== undefined && key !== undefined) return { at, account: at.slice(at.indexOf("#") + 1), key };
      const found = await closings(until, { after: at, limit: 1 });
      return found.closings[0];
    },

    reached: (pass, until) => markOn(pass).get((place) => place.slice(0, place.indexOf("#")) > until.toISOString()),
    done: (pass, from, to) => markOn(pass).move(from, to),
  };
}
