/** How long rows of the log are kept, in days. */
export interface Retention {
  /** Of every account; the seals say so. */
  readonly days: number;
  /** Of accounts whose records are kept longer. */
  readonly longer?: ReadonlyMap<string, number> | undefined;
}

/** @see AWS CloudTrail User Guide: event history shows 90 days. */
export const RETENTION: Retention = { days: 90 };

export const daysFor = ({ days, longer }: Retention, account: string): number => longer?.get(account) ?? days;

export const longestOf = ({ days, longer }: Retention): number => Math.max(days, ...(longer?.values() ?? []));

/**
 * Reads `90` or `90,111122223333=400,…`; of what is none of these, what is wrong with it.
 *
 * Less than two weeks would leave no time to verify records in. No account's may be shorter than all others': chains of writers are of all
 * accounts, so a time after which records may be gone has to be one for all.
 */
export function retentionOf(text: string): Retention | string {
  const [first = "", ...rest] = text.split(",");
  const days = numberOf(first);
  if (days === undefined) return `${text} does not begin with a number of days from 14 to 3650`;
  const longer = new Map<string, number>();
  for (const one of rest) {
    const [, account, own = ""] = /^(\d{12})=(\d+)$/.exec(one) ?? [];
    const its = numberOf(own);
    if (account === undefined || its === undefined)
      return `${one} is no account with a number of days from 14 to 3650, as 111122223333=400`;
    if (its < days) return `${one} is less than the ${days} days of all accounts: one of them can be kept longer, and not shorter`;
    longer.set(account, its);
  }
  return { days, ...(longer.size > 0 && { longer }) };
}

function numberOf(text: string): number | undefined {
  const days = Number(text);
  return /^\d+$/.test(text) && days >= 14 && days <= 3650 ? days : undefined;
}
