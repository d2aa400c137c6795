import type { Account } from "#domain/account";
import type { AccountDirectory, Closing, Part } from "./accounts.ts";
import type { Items } from "./items.ts";

/** The accounts whose closing a Region has still to carry out. */
export interface ClosingStore {
  /** Those that were to close by then, the first first: hints, worth what `account` says. */
  due(now: Date, part: Part): Promise<{ readonly closings: readonly Closing[]; readonly next?: string | undefined }>;
  account(id: string): Promise<Account | undefined>;
  /** The Region is done with all up to this one. Whoever else moves the mark on at the same time may be behind: it never goes back. */
  done(upTo: Closing): Promise<void>;
}

interface Mark {
  readonly at: string;
  readonly version: number;
}

const MARK = { pk: "TIMER#closing", sk: "DONE" };
const markFrom = (body: string, version: number): Mark => ({ at: JSON.parse(body).at, version });

/** @param items of the Region, in which it marks how far it is. */
export function closingStore(items: Items, { account, closings }: AccountDirectory): ClosingStore {
  return {
    account,

    async due(now, { after, limit }) {
      const mark = after ?? (await items.get(MARK, markFrom))?.at;
      return closings(now, { after: mark, limit });
    },

    async done({ at }) {
      const mark = await items.get(MARK, markFrom);
      if (mark === undefined || mark.at < at) await items.put({ ...MARK, body: JSON.stringify({ at }) }, mark?.version);
    },
  };
}
