import { randomUUID } from "node:crypto";

/** A UUIDv7: its first 48 bits are the time in milliseconds, so ids sort by time. @see RFC 9562 section 5.7 */
export function requestId(now: Date): string {
  const time = now.getTime().toString(16).padStart(12, "0");
  // The rest of a version 4 UUID is random already, its variant bits included; only the version digit differs.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
