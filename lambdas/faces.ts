/** The services that Trent answers for, each with its operations: what the hosts serve and `lib` deploys. */
import * as cloudtrail from "#cloudtrail";
import * as iam from "#iam";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import type { Face } from "#pipeline";
import * as servicequotas from "#servicequotas";
import * as sts from "#sts";

const byName = (operations: Readonly<Record<string, AnyOperation>>): Readonly<Record<string, AnyOperation>> =>
  Object.fromEntries(Object.values(operations).map((operation) => [operation.name, operation]));

export const FACES: readonly Face[] = [
  { service: "kms", protocol: "json", target: "TrentService", operations: byName(kms), skewSeconds: 300, presigned: [] },
  { service: "sts", protocol: "query", version: "2011-06-15", operations: byName(sts), skewSeconds: 900, presigned: ["GetCallerIdentity"] },
  { service: "iam", protocol: "query", version: "2010-05-08", operations: byName(iam), skewSeconds: 900, presigned: [], homeOnly: true },
  {
    service: "cloudtrail",
    protocol: "json",
    target: "CloudTrail_20131101",
    longTarget: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    operations: byName(cloudtrail),
    skewSeconds: 900,
    presigned: [],
  },
  {
    service: "servicequotas",
    protocol: "json",
    target: "ServiceQuotasV20190624",
    operations: byName(servicequotas),
    skewSeconds: 900,
    presigned: [],
  },
];
