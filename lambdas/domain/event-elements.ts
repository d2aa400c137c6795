/**
 * What events say of requests and answers, operation by operation.
 * @see AWS KMS Developer Guide, "Examples of AWS KMS log entries"
 */
import type { EventRecord } from "./event-record.ts";

type Members = Readonly<Record<string, unknown>>;

/** As the caller sent it, with what AWS fills in and without what is empty; null where AWS says nothing. */
export function requestParametersOf({ s, e, q, y }: EventRecord, keyArns: readonly string[]): Members | null {
  if (q === undefined || y || (s === "kms" && UNSAID.has(e))) return null;
  const said = Object.entries(dated(q) as Members).filter(([name, value]) => !(isEmptied(name) && isEmpty(value)));
  const filled: Members = { ...(s === "kms" && e === "CreateKey" && KEY_DEFAULTS), ...Object.fromEntries(said) };
  const [arn] = keyArns;
  if (s !== "kms" || Object.keys(filled).length === 0) return said.length > 0 ? filled : null;
  if (e === "CreateKey") return withSpecs(filled);
  // "The full key ARN of the key used even when the caller sent none."
  return e === "Decrypt" && arn !== undefined ? { ...filled, keyId: arn } : filled;
}

/** GenerateRandom's and RetireGrant's requests are not shown. */
const UNSAID = new Set(["GenerateRandom", "RetireGrant"]);
const KEY_DEFAULTS = {
  description: "",
  origin: "AWS_KMS",
  bypassPolicyLockoutSafetyCheck: false,
  customerMasterKeySpec: "SYMMETRIC_DEFAULT",
  keySpec: "SYMMETRIC_DEFAULT",
  keyUsage: "ENCRYPT_DECRYPT",
};

/** Either name says the spec, and both are shown. */
function withSpecs({ multiRegion, ...asked }: Members): Members {
  const { keySpec, customerMasterKeySpec } = asked;
  const spec = keySpec === KEY_DEFAULTS.keySpec ? customerMasterKeySpec : keySpec;
  return { ...asked, customerMasterKeySpec: spec, keySpec: spec, ...(multiRegion === true && { multiRegion }) };
}

const isEmptied = (name: string): boolean => name === "tags" || /encryptionContext$/i.test(name);
const isEmpty = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** What a change answered. "Since December 2022" the key's ARN, also where the API answers nothing. */
export function responseElementsOf({ s, e, a, x }: EventRecord, keyArns: readonly string[]): Members | null {
  if (x) return null;
  const answered = a === undefined ? {} : (dated(a) as Members);
  const [arn] = keyArns;
  const filled = s === "kms" && WITH_KEY.has(e) && arn !== undefined ? { ...answered, keyId: arn } : answered;
  return Object.keys(filled).length > 0 ? filled : null;
}

const WITH_KEY = new Set([
  ...["CreateAlias", "CreateGrant", "DeleteAlias", "DeleteKey", "DisableKey", "EnableKey", "EnableKeyRotation", "ImportKeyMaterial"],
  ...["RotateKey", "SynchronizeMultiRegionKey", "TagResource", "UntagResource", "UpdateAlias", "UpdatePrimaryRegion"],
]);

export function additionalEventDataOf({ s, e, m = [], gr, n, o }: EventRecord): Members | undefined {
  const [first, last = first] = m;
  const said: Members = {
    ...(s === "kms" && WITH_MATERIAL.has(e) && first !== undefined && { keyMaterialId: first }),
    ...(e === "ReEncrypt" && first && { sourceKeyMaterialId: first }),
    ...(e === "ReEncrypt" && last && { destinationKeyMaterialId: last }),
    ...(gr !== undefined && { grantId: gr }),
    ...(n !== undefined && n > 1 && { throttledCalls: n }),
    ...(o !== undefined && { outcome: o }),
  };
  return Object.keys(said).length > 0 ? said : undefined;
}

const WITH_MATERIAL = new Set([
  ...["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"],
  ...["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"],
]);

/** The members that are dates: records hold milliseconds. */
export const DATES: ReadonlySet<string> = new Set([
  ...["keyCreationDate", "parametersValidTo", "timestamp", "trackingStartDate"],
  ...["creationDate", "deletionDate", "lastUpdatedDate", "validTo", "expiration"],
  ...["createDate", "updateDate", "passwordLastUsed", "lastUsedDate", "nextRotationDate", "onDemandRotationStartDate", "rotationDate"],
  ...["startTime", "endTime", "eventTime", "created", "lastUpdated"],
]);

/** Dates as text, however deep. */
function dated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dated);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, DATES.has(name) && typeof held === "number" ? dateText(held) : dated(held)]),
  );
}

const FORMAT = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** `Aug 10, 2022, 10:38:27 PM`; newer Unicode has another space before AM and PM. */
const dateText = (milliseconds: number): string => FORMAT.format(milliseconds).replaceAll("\u202f", " ");
