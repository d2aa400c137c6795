import { digest } from "@trent/crypto";

/**
 * The id of an event in an account, and the row of an event id: the one function is the other, so that an event is found by its id at once.
 *
 * The time at the front stays, and so do version and variant; the random part is another one in each account.
 */
export function eventIdOf(id: string, account: string): string {
  const mask = Buffer.from(digest(`event id\n${account}`), "base64url");
  const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
  for (let at = 9; at < bytes.length; at += 1) bytes[at] = (bytes[at] as number) ^ (mask[at] as number);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The id that the copies of one event have in common. */
export const sharedIdOf = (id: string): string => eventIdOf(id, "shared");

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The row that an event id is of; undefined when it can be none of ours. */
export const rowOfEvent = (eventId: string, account: string): string | undefined =>
  UUID.test(eventId) ? eventIdOf(eventId, account) : undefined;

/** When a call began, by its id, in milliseconds. */
export const beganAt = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
