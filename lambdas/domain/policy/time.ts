/**
 * Reads a date as conditions have it, in milliseconds since 1970; undefined for what is none.
 *
 * "You must specify date/time values with one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time": a year, a month,
 * a day, or a time to the minute or finer with its zone; or seconds. Four digits are a year.
 * @see IAM User Guide, "Date condition operators"; W3C, "Date and Time Formats"
 */
export function readTime(text: string): number | undefined {
  const [, year, month = "01", day = "01"] = DATE.exec(text) ?? [];
  if (year === undefined) return SECONDS.test(text) ? Number(text) * 1000 : undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return undefined;
  // `Date.parse` takes the 31st of February for the 3rd of March.
  return new Date(`${year}-${month}-${day}`).getUTCDate() === Number(day) ? time : undefined;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/;
const SECONDS = /^-?\d{1,13}(?:\.\d{1,9})?$/;
