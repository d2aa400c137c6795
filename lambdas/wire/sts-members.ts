/**
 * The members that STS's operations share, with AWS's limits.
 * @see AWS Security Token Service API Reference; limits as in botocore's model of the service.
 */
import { integer, list, required, string, structure, timestamp, unavailable } from "./shape.ts";

export const arn = string({
  min: 20,
  max: 2048,
  pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+",
});
export const accessKeyId = string({ min: 16, max: 128, pattern: "[\\w]*" });
export const sessionName = string({ min: 2, max: 64, pattern: "[\\w+=,.@-]*" });
export const federatedName = string({ min: 2, max: 32, pattern: "[\\w+=,.@-]*" });
export const sourceIdentity = string({ min: 2, max: 64, pattern: "[\\w+=,.@-]*" });
export const externalId = string({ min: 2, max: 1224, pattern: "[\\w+=,.@:\\/-]*" });
export const webIdentityToken = string({ min: 4, max: 20000, sensitive: true });

const POLICY = "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
export const sessionPolicy = string({ min: 1, max: 2048, pattern: POLICY });
/** Its limit is that of everything together, packed. */
export const unrestrictedPolicy = string({ min: 1, pattern: POLICY });
export const policyArns = list(structure({ arn }));

const tagKey = string({ min: 1, max: 128, pattern: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+" });
export const tagKeys = list(tagKey, { max: 50 });
export const tags = list(
  structure({
    Key: required(tagKey),
    Value: required(string({ min: 0, max: 256, pattern: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" })),
  }),
  { max: 50 },
);

export const roleDuration = integer({ min: 900, max: 43200 });
export const userDuration = integer({ min: 900, max: 129600 });
export const leastSize = integer({ min: 0, max: 4096 });
export const mfa = {
  SerialNumber: string({ min: 9, max: 256, pattern: "[\\w+=/:,.@-]*" }),
  TokenCode: string({ min: 6, max: 6, pattern: "[\\d]*" }),
} as const;
export const providedContexts = unavailable(
  list(structure({ ProviderArn: arn, ContextAssertion: string({ min: 4, max: 2048 }) }), { min: 1, max: 5 }),
);
export const providerId = unavailable(string({ min: 4, max: 2048 }));

export const credentials = structure({
  AccessKeyId: required(accessKeyId),
  SecretAccessKey: required(string({ sensitive: true })),
  SessionToken: required(string()),
  Expiration: required(timestamp),
});
export const assumedRoleUser = structure({
  AssumedRoleId: required(string({ min: 2, max: 193, pattern: "[\\w+=,.@:-]*" })),
  Arn: required(arn),
});
export const federatedUser = structure({
  FederatedUserId: required(string({ min: 2, max: 193, pattern: "[\\w+=,.@\\:-]*" })),
  Arn: required(arn),
});
/** How large a token came to be: of its room for what was passed, of all of it, and in bytes. */
export const sizes = { SessionTokenUtilization: integer({ min: 0 }), SessionTokenSize: integer({ min: 0 }) } as const;
export const packedSize = integer({ min: 0 });
