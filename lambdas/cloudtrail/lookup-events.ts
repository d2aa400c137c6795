import { eventOf, resourcesOf } from "#domain/event";
import { eventIdOf, rowOfEvent } from "#domain/event-id";
import { seconds, userNameOf } from "#domain/event-identity";
import { LOOKUP_ATTRIBUTES, requireLookup } from "#domain/event-lookup";
import type { LoggedEvent } from "#domain/event-record";
import { Fault } from "#domain/fault";
import type { Paging } from "#domain/paging";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { events, lookupAttributes } from "#wire/cloudtrail-members";
import { integer, string, structure, timestamp, withDefault } from "#wire/shape";

const MOST = 50;

/** Finds what the log of the caller's account has of this Region, the newest first; a page may be short and the list still go on. */
export const lookupEvents = operation({
  name: "LookupEvents",
  quota: own,
  permission: "cloudtrail:LookupEvents",
  uses: { log: "read" },
  input: structure({
    LookupAttributes: withDefault(lookupAttributes, []),
    StartTime: timestamp,
    EndTime: timestamp,
    EventCategory: string(),
    MaxResults: withDefault(integer(), MOST),
    NextToken: string(),
  }),
  output: structure({ Events: events, NextToken: string() }),
  errors: [
    "InvalidLookupAttributesException",
    "InvalidTimeRangeException",
    "InvalidMaxResultsException",
    "InvalidNextTokenException",
    "InvalidEventCategoryException",
    "UnsupportedOperationException",
  ],
  async handle({ input, caller: { account }, region, stores, paging }) {
    const { LookupAttributes, StartTime: since, EndTime, EventCategory: category, MaxResults: limit } = input;
    const [key, value] = requireLookup(LookupAttributes);
    if (limit < 1 || limit > MOST) throw new Fault("InvalidMaxResultsException", `MaxResults must be between 1 and ${MOST}.`);
    if (category !== undefined && category !== "insight")
      throw new Fault("InvalidEventCategoryException", `${category.slice(0, 100)} is not an event category.`);
    if (since && EndTime && since > EndTime) throw new Fault("InvalidTimeRangeException", "StartTime must not be after EndTime.");
    const tokens = paging([key ?? "", value, String(since?.getTime()), String(EndTime?.getTime()), category ?? ""]);
    const before = placeOf(tokens, input.NextToken);
    // Nothing here looks for unusual activity.
    if (category !== undefined) return { Events: [] };
    // Times of events are told to the second.
    const until = EndTime && new Date(Math.floor(EndTime.getTime() / 1000) * 1000 + 999);
    const within = (time: number) => (!since || time >= since.getTime()) && (!until || time <= until.getTime());
    if (key === "EventId") {
      const row = rowOfEvent(value, account);
      const found = row === undefined ? undefined : await stores.log.get(account, row);
      return { Events: found && within(found.record.t) ? [entryOf({ ...found, region })] : [] };
    }
    const attribute = key && LOOKUP_ATTRIBUTES[key];
    const { records, next } = await stores.log.newest(account, {
      ...{ before, since, until, limit },
      mentions: attribute?.mentions(value) ?? "",
      word: attribute?.word(value),
      isWanted: (stored) => attribute?.matches(stored, value) ?? true,
    });
    return { Events: records.map((record) => entryOf({ ...record, region })), NextToken: next && tokens.next(next) };
  },
});

/** @throws {Fault} InvalidNextTokenException */
function placeOf(tokens: Paging, token: string | undefined): string | undefined {
  try {
    return tokens.after(token);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault("InvalidNextTokenException", "The token is not one that this lookup has answered.");
  }
}

function entryOf(logged: LoggedEvent) {
  const shown = eventOf(logged);
  const { account, id, record } = logged;
  return {
    EventId: eventIdOf(id, account),
    EventName: record.e,
    ReadOnly: String(shown.readOnly),
    AccessKeyId: record.c.ak,
    EventTime: new Date(seconds(record.t)),
    EventSource: shown.eventSource,
    Username: userNameOf(record.c),
    Resources: resourcesOf(logged).map(({ type, ARN }) => ({ ResourceType: type, ResourceName: ARN })),
    CloudTrailEvent: JSON.stringify(shown),
  };
}
