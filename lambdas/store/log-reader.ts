import { beganAt } from "#domain/event-id";
import type { EventRecord } from "#domain/event-record";
import { daysFor, type Retention } from "#domain/retention";
import { dayOf } from "./log.ts";
import type { Found, Row, Table } from "./port.ts";

/** A record of an account's log, as it was written down. */
export interface Stored {
  readonly account: string;
  readonly id: string;
  readonly record: EventRecord;
}

export interface Wanted {
  /** Where a page before ended. */
  readonly before?: string | undefined;
  /** Both inclusive. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Every record that is wanted has this in its text. */
  readonly mentions?: string;
  /** And was appended with this word: where the database finds rows by words, it is found at once. */
  readonly word?: string | undefined;
  readonly isWanted: (stored: Stored) => boolean;
  readonly limit: number;
}

export interface LogReader {
  /** For how many days records of an account are kept: before that none is missed, because nobody knows. */
  days(account: string): number;
  /** The record of this id; undefined when there is none. */
  get(account: string, id: string): Promise<Stored | undefined>;
  /**
   * Records of an account, the newest first. A page may be short, or empty, and the list still go on at `next`: so much is read at the most,
   * however much of it is not wanted.
   */
  newest(account: string, wanted: Wanted): Promise<{ readonly records: readonly Stored[]; readonly next?: string | undefined }>;
}

/** Rows that one page may cost. */
const BUDGET = 5000;
const AT_ONCE = 500;
const DAY_MS = 86_400_000;
/** No call takes as long: what ended so much before a time did not begin after it. */
const LONGEST_CALL_MS = 60_000;

export function logReader(table: Table, shards: number, retention: Retention): LogReader {
  const partitions = (account: string, day: string) => Array.from({ length: shards }, (_, shard) => `${account}#${day}#${shard}`);

  /** Rows of a day, before this id, the newest first: as many as can be told to have none between them that is wanted. */
  async function slice(account: string, day: string, before: string | undefined, { word, mentions = "" }: Wanted) {
    const limit = Math.ceil(AT_ONCE / shards);
    const after = before === undefined ? {} : { after: before };
    const pages = await Promise.all(
      partitions(account, day).map(async (pk): Promise<Found> => {
        const found = word === undefined ? undefined : await table.search?.(word, mentions, { pk, ...after, limit });
        if (found) return found;
        const { rows, more } = await table.query({ pk, ...after, limit, backwards: true });
        return { rows, ...(more && { reached: rows.at(-1)?.sk ?? "" }) };
      }),
    );
    const open = pages.flatMap(({ reached }) => (reached === undefined ? [] : [reached]));
    const last = open.toSorted().at(-1);
    const rows = pages.flatMap((page) => page.rows).filter(({ sk }) => last === undefined || sk >= last);
    return { rows: rows.toSorted((one, other) => (one.sk > other.sk ? -1 : 1)), last };
  }

  /** The days that have records, the newest first. */
  async function* daysOf(account: string, latest: string | undefined): AsyncGenerator<string> {
    for (let after = latest === undefined ? undefined : `${latest}~`; ; ) {
      const page = await table.query({ pk: `${account}#DAYS`, ...(after !== undefined && { after }), limit: 100, backwards: true });
      for (const { sk } of page.rows) yield sk;
      after = page.rows.at(-1)?.sk;
      if (!page.more || after === undefined) return;
    }
  }

  return {
    days: (account) => daysFor(retention, account),

    async get(account, id) {
      const began = beganAt(id);
      if (Number.isNaN(new Date(began).getTime())) return undefined;
      // A record stands under the day on which its call ended; the time that keys live in may be another.
      for await (const day of daysOf(account, undefined)) {
        const rows = await Promise.all(partitions(account, day).map((pk) => table.get({ pk, sk: id })));
        const row = rows.find((found) => found !== undefined);
        if (row) return storedIn(row, account);
        if (day < dayOf(new Date(began - DAY_MS))) return undefined;
      }
      return undefined;
    },

    async newest(account, wanted) {
      const { before, since, until, mentions = "", isWanted, limit } = wanted;
      const [fromDay, fromId] = before?.split("/") ?? [until && dayOf(until), until && idAfter(until)];
      const records: Stored[] = [];
      let read = 0;
      for await (const day of daysOf(account, fromDay)) {
        if (since && day < dayOf(since)) break;
        let at = day === fromDay ? fromId : undefined;
        do {
          const { rows, last } = await slice(account, day, at, wanted);
          for (const row of rows) {
            if (row.sk.includes("#") || !row.body.includes(mentions)) continue;
            const stored = storedIn(row, account);
            const { t } = stored.record;
            if (since && t < since.getTime() - LONGEST_CALL_MS) return { records };
            if ((since && t < since.getTime()) || (until && t > until.getTime()) || !isWanted(stored)) continue;
            if (records.length === limit) return { records, next: `${day}/${records.at(-1)?.id}` };
            records.push(stored);
          }
          // What was looked through for a few may have been many.
          read += last === undefined ? rows.length : Math.max(rows.length, AT_ONCE);
          // On one database file nothing waits: others are to be answered meanwhile.
          await new Promise((resolve) => setImmediate(resolve));
          at = last;
          if (read >= BUDGET && at !== undefined) return { records, next: `${day}/${at}` };
        } while (at !== undefined);
        if (read >= BUDGET) return { records, next: `${day}/` };
      }
      return { records };
    },
  };
}

const storedIn = ({ sk, body }: Row, account: string): Stored => ({ account, id: sk, record: JSON.parse(body).r });

/** The least id of a call that began after this time. */
export function idAfter(time: Date): string {
  const hex = (time.getTime() + 1).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`;
}
