import type { EventCaller } from "./event-record.ts";
import type { Author } from "./key.ts";

/**
 * What the log keeps of something that Trent did by itself: no caller, no request.
 *
 * Members are those of the record of a call, where they have one in common.
 * @see AWS CloudTrail User Guide, "CloudTrail record contents" (AwsServiceEvent); AWS KMS Developer Guide, "DeleteKey" in the CloudTrail examples
 */
export interface ServiceEvent {
  /** `trent`: what AWS has no event for. */
  readonly s: "kms" | "trent";
  readonly e: string;
  /** When it was completed, in milliseconds. */
  readonly t: number;
  /** Tells it from a call: shown as eventType, and the row's id is no request id; absent where a call to another Region asked for it. */
  readonly y?: "AwsServiceEvent" | undefined;
  readonly c: EventCaller;
  readonly ip: string;
  readonly ua?: string | undefined;
  /** The id of that call. */
  readonly g?: string;
  /** Error name and text. */
  readonly x?: readonly [string, string] | undefined;
  /** Request parameters. */
  readonly q?: unknown;
  /** Response elements. */
  readonly a?: unknown;
  /** serviceEventDetails. */
  readonly d?: unknown;
  /** ARNs of the resources. */
  readonly r?: readonly string[] | undefined;
  /** The items changed. */
  readonly w?: readonly unknown[] | undefined;
}

/** Shown as userIdentity `{ accountId: i, invokedBy: a }`. */
export interface ServiceIdentity {
  readonly k: "service";
  readonly a: typeof INTERNAL;
  /** The account that it happened in. */
  readonly i: string;
}

const INTERNAL = "AWS Internal";

export const serviceIdentity = (account: string): ServiceIdentity => ({ k: "service", a: INTERNAL, i: account });

/** What a record says of somebody who called another Region, and whom Trent does this for: as a call. */
export const askedBy = ({ caller, ip, ua, requestId }: Author) => ({ y: undefined, c: caller, ip, ua, g: requestId });

/** The record of an event in this account. */
export function serviceEvent(account: string, now: Date, facts: Pick<ServiceEvent, "s" | "e"> & Partial<ServiceEvent>): ServiceEvent {
  return { t: now.getTime(), y: "AwsServiceEvent", c: serviceIdentity(account), ip: INTERNAL, ua: INTERNAL, ...facts };
}
