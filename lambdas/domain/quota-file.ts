import { QUOTA_PROFILES, type QuotaProfile, type Rate } from "./quota-profiles.ts";

/** What is wrong with a quota, or a file of them, in one line. */
export class WrongQuota extends Error {
  override readonly name = "WrongQuota";
}

/** Beyond it, buckets that several share could not be counted. */
const MOST = 1_000_000;
const REGION = /^(?:\*|[a-z]{2,4}(?:-[a-z]+){1,3}-\d)$/;

/** The buckets that there are: all that the profiles know. */
export const BUCKETS: readonly string[] = Object.keys(QUOTA_PROFILES.current);

/**
 * Reads a file of request quotas: JSON, `{"profile": "current", "quotas": {"CreateKey": 50, "ListKeys": {"us-east-1": 900, "*": 300}}}`.
 *
 * - `profile`: what holds for the buckets that the file does not name: `current`, `2023` or `off`; by default `current`.
 * - `quotas`: requests a second by bucket, or by bucket and Region, where `*` are all others. Below one a second, `0.1` is one in ten seconds; 0 admits
 *   nobody; null takes the limit away.
 * @throws {WrongQuota}
 */
export function profileFrom(text: string): QuotaProfile {
  const file = objectIn(text);
  for (const member of Object.keys(file))
    if (member !== "profile" && member !== "quotas")
      throw new WrongQuota(`it has a member ${quoted(member)}: only profile and quotas mean something`);
  const { profile = "current", quotas = {} } = file;
  if (typeof profile !== "string" || !Object.hasOwn(QUOTA_PROFILES, profile))
    throw new WrongQuota(`profile is not one of ${Object.keys(QUOTA_PROFILES).join(", ")}`);
  if (!isObject(quotas)) throw new WrongQuota("quotas is not an object");
  const merged: Record<string, Rate> = { ...QUOTA_PROFILES[profile as keyof typeof QUOTA_PROFILES] };
  for (const [bucket, rate] of Object.entries(quotas)) {
    if (!BUCKETS.includes(bucket)) throw new WrongQuota(`${quoted(bucket)} is not a quota; trent quota list names them`);
    if (rate === null) delete merged[bucket];
    else merged[bucket] = isObject(rate) ? byRegion(bucket, rate, merged[bucket]) : rateIn(bucket, rate);
  }
  return merged;
}

/** Requests a second. @throws {WrongQuota} */
export function rateIn(name: string, rate: unknown): number {
  if (typeof rate === "number" && rate >= 0 && rate <= MOST) return rate;
  throw new WrongQuota(`${name} is not a number from 0 to ${MOST}`);
}

/** Regions that are not named keep what they had. */
function byRegion(bucket: string, rates: Readonly<Record<string, unknown>>, before: Rate | undefined): Rate {
  const kept = typeof before === "object" ? before : before === undefined ? {} : { "*": before };
  const named = Object.entries(rates).map(([region, rate]) => {
    if (!REGION.test(region)) throw new WrongQuota(`${quoted(region)} in ${bucket} is not the name of a Region`);
    return [region, rateIn(`${bucket} in ${region}`, rate)] as const;
  });
  return { ...kept, ...Object.fromEntries(named) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WrongQuota("it is not JSON");
  }
  if (!isObject(json)) throw new WrongQuota("it is not a JSON object");
  return json;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const quoted = (name: string): string => JSON.stringify(name.slice(0, 100));
