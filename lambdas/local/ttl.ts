import { UsageError } from "./usage-error.ts";

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The seconds in `90s`, `30m`, `24h` or `7d`. @param said what they are the value of. @throws {UsageError} */
export function secondsIn(ttl: string | undefined, said = "--ttl"): number | undefined {
  if (ttl === undefined) return undefined;
  const [, count, unit = "s"] = /^([1-9]\d{0,8})([smhd])$/.exec(ttl) ?? [];
  if (count === undefined) throw new UsageError(`${said} ${ttl} is not a time: write it as 30m, 24h or 7d.`);
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}
