/** The members of CloudTrail's operations. @see AWS CloudTrail API Reference, "LookupEvents", "Event" */
import { list, required, string, structure, timestamp } from "./shape.ts";

/** Which keys there are is more than grammar: the error is one of the operation's own. */
export const lookupAttributes = list(
  structure({ AttributeKey: required(string()), AttributeValue: required(string({ min: 1, max: 2000 })) }),
);

export const events = list(
  structure({
    EventId: string(),
    EventName: string(),
    ReadOnly: string(),
    AccessKeyId: string(),
    EventTime: timestamp,
    EventSource: string(),
    Username: string(),
    Resources: list(structure({ ResourceType: string(), ResourceName: string() })),
    CloudTrailEvent: string(),
  }),
);
