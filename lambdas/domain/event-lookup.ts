import { resourcesOf, sourceOf } from "./event.ts";
import { userNameOf } from "./event-identity.ts";
import type { LoggedEvent } from "./event-record.ts";
import { Fault } from "./fault.ts";

/** What events may be looked up by. @see AWS CloudTrail API Reference, "LookupAttribute" */
interface Attribute {
  readonly matches: (event: Looked, value: string) => boolean;
  /** Texts of which a record that matches has one. */
  readonly mentions: (value: string) => readonly string[];
}

type Looked = Pick<LoggedEvent, "account" | "record">;

const anything = () => [""];
const itself = (value: string): readonly string[] => [JSON.stringify(value).slice(1, -1)];

export const LOOKUP_ATTRIBUTES = {
  AccessKeyId: { matches: ({ record }, value) => record.c.ak === value, mentions: itself },
  EventName: { matches: ({ record }, value) => record.e === value, mentions: (value) => [`"e":${JSON.stringify(value)}`] },
  EventSource: { matches: ({ record }, value) => sourceOf(record.s) === value, mentions: anything },
  ReadOnly: { matches: ({ record }, value) => String(record.ro === 1) === value, mentions: anything },
  ResourceName: {
    matches: (event, value) => resourcesOf(event).some(({ ARN }) => ARN === value || nameOf(ARN) === value),
    mentions: itself,
  },
  ResourceType: { matches: (event, value) => resourcesOf(event).some(({ type }) => type === value), mentions: anything },
  Username: {
    matches: ({ record }, value) => userNameOf(record.c) === value,
    mentions: (value) => (value === "root" ? [""] : itself(value)),
  },
} as const satisfies Readonly<Record<string, Attribute>>;

/** An event id says which row it is of; the others are looked for. */
type LookupKey = keyof typeof LOOKUP_ATTRIBUTES | "EventId";

/** "Currently the list can contain only one item." Texts UNVERIFIED. @throws {Fault} InvalidLookupAttributesException */
export function requireLookup(
  attributes: readonly { readonly AttributeKey: string; readonly AttributeValue: string }[],
): [LookupKey | undefined, string] {
  const [first, ...more] = attributes;
  if (more.length > 0) throw new Fault("InvalidLookupAttributesException", "You can specify only one lookup attribute.");
  if (!first) return [undefined, ""];
  const { AttributeKey: key, AttributeValue: value } = first;
  if (key === "EventId" || Object.hasOwn(LOOKUP_ATTRIBUTES, key)) return [key as LookupKey, value];
  throw new Fault("InvalidLookupAttributesException", `${key.slice(0, 100)} is not a lookup attribute.`);
}

/** Of a key its id, of an alias `alias/…`, of a user, role or policy its name. */
function nameOf(arn: string): string {
  const resource = arn.split(":").slice(5).join(":");
  return resource.startsWith("alias/") ? resource : resource.slice(resource.lastIndexOf("/") + 1);
}
