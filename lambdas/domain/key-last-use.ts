import { beganAt } from "./event-id.ts";
import type { EventRecord } from "./event-record.ts";
import type { Key } from "./key.ts";
import { isUse } from "./key-use.ts";

interface Found {
  readonly id: string;
  readonly record: EventRecord;
}

interface Log {
  /** For how many days records of an account are kept. */
  days(account: string): number;
  /** Finds records of an account, the newest first; there are more at `next`, whether or not there were any. */
  newest(
    account: string,
    wanted: {
      readonly before: string | undefined;
      readonly since: Date;
      readonly mentions: string;
      readonly word: string;
      readonly limit: number;
      readonly isWanted: (found: Found) => boolean;
    },
  ): Promise<{ readonly records: readonly Found[]; readonly next?: string | undefined }>;
}

export interface KeyLastUse {
  /** Before this nobody looked: the key may have been used. */
  readonly since: Date;
  readonly last?: Found;
}

const DAY_MS = 86_400_000;
/** Uses are told of for so many days, where records are kept as long. */
const TRACKED_DAYS = 90;
/** Pages of the log that a call may cost: an index finds the record at once, and without one as much is looked through. */
const PAGES = 4;

/**
 * When a key was last used with success, out of the log of its account.
 *
 * What is not found was not used since `since`, which is as far back as was looked: the time that records are kept, or less where there is no
 * index and much else was called meanwhile.
 */
export async function keyLastUse({ account, arn, id, created }: Key, now: Date, log: Log): Promise<KeyLastUse> {
  const since = new Date(Math.max(created.getTime(), now.getTime() - Math.min(TRACKED_DAYS, log.days(account)) * DAY_MS));
  let before: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const wanted = { before, since, mentions: id, word: id, limit: 1 };
    const { records, next } = await log.newest(account, { ...wanted, isWanted: ({ record }) => isUse(record, arn) });
    const [last] = records;
    if (last) return { since, last };
    if (next === undefined) return { since };
    before = next;
  }
  return { since: new Date(Math.max(since.getTime(), reachedBy(before))) };
}

/**
 * For how many whole days a key has not been used: since its last use, or since its use is known of.
 * @see AWS KMS Developer Guide, "kms:TrailingDaysWithoutKeyUsage"
 */
export const daysWithoutUse = ({ since, last }: KeyLastUse, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - (last?.record.t ?? since.getTime())) / DAY_MS));

/** When the records began that a place in the log is before. */
function reachedBy(place = ""): number {
  const [day = "", id = ""] = place.split("/");
  return id === "" ? Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`) : beganAt(id);
}
