/**
 * A record of the log as CloudTrail shows it: every member in CloudTrail's order.
 * @see AWS CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events"
 */
import { additionalEventDataOf, requestParametersOf, responseElementsOf } from "./event-elements.ts";
import { eventIdOf, sharedIdOf } from "./event-id.ts";
import { invokerOf, seconds, userIdentityOf } from "./event-identity.ts";
import type { EventRecord, LoggedEvent } from "./event-record.ts";
import { sourceOf } from "./event-words.ts";

export interface EventResource {
  readonly accountId: string;
  readonly type: string;
  readonly ARN: string;
}

export type CloudTrailEvent = Readonly<Record<string, unknown>> & {
  readonly eventID: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly readOnly: boolean;
};

export function eventOf(logged: LoggedEvent): CloudTrailEvent {
  const { region, account, id, record } = logged;
  const { s, e, t, y, c, ip, ua, x, g, d, h, tls, sh } = record;
  const resources = resourcesOf(logged);
  const invoker = invokerOf(c);
  const keyArns = resources.flatMap(({ ARN }) => (ARN.includes(":key/") ? [ARN] : []));
  const additionalEventData = additionalEventDataOf(record);
  return {
    eventVersion: "1.11",
    userIdentity: userIdentityOf(c),
    eventTime: seconds(t),
    eventSource: sourceOf(s),
    eventName: e,
    awsRegion: region,
    sourceIPAddress: invoker ?? ip,
    ...((invoker ?? ua) !== undefined && { userAgent: invoker ?? ua }),
    ...errorOf(x),
    requestParameters: requestParametersOf(record, keyArns),
    responseElements: responseElementsOf(record, keyArns),
    ...(additionalEventData && { additionalEventData }),
    ...(!y && { requestID: g ?? id }),
    eventID: eventIdOf(id, account),
    readOnly: record.ro === 1,
    ...(s !== "iam" && s !== "cloudtrail" && { resources }),
    eventType: y ?? "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    ...(d !== undefined && { serviceEventDetails: d }),
    ...(sh && { sharedEventID: sharedIdOf(id) }),
    eventCategory: "Management",
    ...(tls && { tlsDetails: { tlsVersion: tls[0], cipherSuite: tls[1], ...(h !== undefined && { clientProvidedHostHeader: h }) } }),
  };
}

/** ≤ 1 KB each. A refusal for want of permission has a name of its own in events. */
function errorOf(x: EventRecord["x"]): object {
  if (!x) return {};
  const [name, message] = x;
  const errorCode = name === "AccessDeniedException" ? "AccessDenied" : name;
  return { errorCode, ...(message !== "" && { errorMessage: message.slice(0, 1024) }) };
}

/** A caller who was refused does not learn from the log of its own account which keys others have. */
export function resourcesOf({ account, record: { r = [], x, e } }: Pick<LoggedEvent, "account" | "record">): readonly EventResource[] {
  // The alias first, then the key that it points to now.
  const shown = ALIAS_FIRST.has(e) ? [...r.filter(isAlias), ...r.filter((arn) => !isAlias(arn)).slice(-1)] : r;
  const resources = shown.map((ARN) => ({ accountId: ARN.split(":")[4] ?? "", type: typeOf(ARN), ARN }));
  return x?.[0] === "AccessDeniedException" ? resources.filter(({ accountId }) => accountId === account) : resources;
}

const ALIAS_FIRST = new Set(["UpdateAlias", "DeleteAlias"]);
const isAlias = (arn: string): boolean => /^[^:]*:[^:]*:kms:[^:]*:[^:]*:alias\//.test(arn);

/** An alias is shown as a key. */
function typeOf(arn: string): string {
  const [, , service = "", , , resource = ""] = arn.split(":");
  if (service === "kms") return "AWS::KMS::Key";
  return IAM_TYPES[resource.split("/")[0] ?? ""] ?? "AWS::IAM::Resource";
}

const IAM_TYPES: Readonly<Record<string, string>> = {
  user: "AWS::IAM::User",
  role: "AWS::IAM::Role",
  group: "AWS::IAM::Group",
  policy: "AWS::IAM::Policy",
  "oidc-provider": "AWS::IAM::OIDCProvider",
};
