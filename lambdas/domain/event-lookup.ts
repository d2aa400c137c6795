import { resourcesOf } from "./event.ts";
import { userNameOf } from "./event-identity.ts";
import type { LoggedEvent } from "./event-record.ts";
import { CHANGES, nameIn, sourceOf } from "./event-words.ts";
import { Fault } from "./fault.ts";

/** What events may be looked up by. @see AWS CloudTrail API Reference, "LookupAttribute" */
interface Attribute {
  readonly matches: (event: Looked, value: string) => boolean;
  /** A text that is in every record that matches. */
  readonly mentions: (value: string) => string;
  /** One of the words of every such record. Undefined where most records match. */
  readonly word: (value: string) => string | undefined;
}

type Looked = Pick<LoggedEvent, "account" | "record">;

const anything = () => "";
const text = (value: string): string => JSON.stringify(value).slice(1, -1);
const itself = (value: string): string => value;
const none = () => undefined;

export const LOOKUP_ATTRIBUTES = {
  AccessKeyId: { matches: ({ record }, value) => record.c.ak === value, mentions: text, word: itself },
  EventName: { matches: ({ record }, value) => record.e === value, mentions: (value) => `"e":${JSON.stringify(value)}`, word: itself },
  EventSource: {
    matches: ({ record }, value) => sourceOf(record.s) === value,
    mentions: anything,
    word: (value) => (value === sourceOf("kms") ? undefined : value),
  },
  ReadOnly: {
    matches: ({ record }, value) => String(record.ro === 1) === value,
    mentions: anything,
    word: (value) => (value === "false" ? CHANGES : undefined),
  },
  ResourceName: {
    matches: (event, value) => resourcesOf(event).some(({ ARN }) => ARN === value || nameIn(ARN) === value),
    mentions: text,
    word: (value) => (value.startsWith("arn:") ? nameIn(value) : value),
  },
  ResourceType: { matches: (event, value) => resourcesOf(event).some(({ type }) => type === value), mentions: anything, word: none },
  Username: {
    matches: ({ record }, value) => userNameOf(record.c) === value,
    mentions: (value) => (value === "root" ? "" : text(value)),
    word: itself,
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
