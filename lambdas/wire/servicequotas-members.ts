/** The members of the operations of Service Quotas. @see Service Quotas API Reference */
import { boolean, double, enumeration, integer, list, string, structure, timestamp } from "./shape.ts";

export const serviceCode = string({ min: 1, max: 63, pattern: "[a-zA-Z][a-zA-Z0-9-]{1,63}" });
export const quotaCode = string({ min: 1, max: 128, pattern: "[a-zA-Z][a-zA-Z0-9-]{1,128}" });
export const desiredValue = double({ min: 0, max: 10_000_000_000 });
export const nextToken = string({ max: 2048, pattern: "^[a-zA-Z0-9/+]*={0,2}$" });
export const maxResults = integer({ min: 1, max: 100 });
export const appliedLevel = enumeration(["ACCOUNT", "RESOURCE", "ALL"]);

const common = {
  ServiceCode: serviceCode,
  ServiceName: string(),
  QuotaArn: string(),
  QuotaCode: quotaCode,
  QuotaName: string(),
  Unit: string(),
  GlobalQuota: boolean,
} as const;

export const serviceQuota = structure({
  ...common,
  Value: desiredValue,
  Adjustable: boolean,
  Period: structure({
    PeriodValue: integer(),
    PeriodUnit: enumeration(["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK"]),
  }),
  QuotaAppliedAtLevel: appliedLevel,
});
export const serviceQuotas = list(serviceQuota);

export const requestedQuota = structure({
  ...common,
  Id: string({ min: 1, max: 128, pattern: "[0-9a-zA-Z][a-zA-Z0-9-]{1,128}" }),
  DesiredValue: desiredValue,
  Status: enumeration(["PENDING", "CASE_OPENED", "APPROVED", "DENIED", "CASE_CLOSED", "NOT_APPROVED", "INVALID_REQUEST"]),
  Created: timestamp,
  LastUpdated: timestamp,
  Requester: string(),
  QuotaRequestedAtLevel: appliedLevel,
});
