import { eventIdOf } from "#domain/event-id";
import { keyLastUse } from "#domain/key-last-use";
import { TRACKED } from "#domain/key-use";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { enumeration, required, string, structure, timestamp } from "#wire/shape";

/**
 * Tells when a key was last used with success, out of the log of its account.
 *
 * What is not found was not used since `TrackingStartDate`, which is as far back as was looked: the time that records are kept, or less where there
 * is no index and much else was called meanwhile.
 */
export const getKeyLastUsage = operation({
  name: "GetKeyLastUsage",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetKeyLastUsage", states: anyState } },
  uses: { log: "read" },
  input: structure({ KeyId: required(keyId) }),
  output: structure({
    KeyId: required(keyArn),
    KeyLastUsage: required(
      structure({
        Operation: enumeration(TRACKED),
        Timestamp: timestamp,
        CloudTrailEventId: string(),
        KmsRequestId: string(),
      }),
    ),
    TrackingStartDate: required(timestamp),
    KeyCreationDate: required(timestamp),
  }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException"],
  async handle({ keys: { key }, stores, now }) {
    const { account, arn, created } = key;
    const { since, last } = await keyLastUse(key, now, stores.log);
    const found = { KeyId: arn, TrackingStartDate: since, KeyCreationDate: created };
    if (!last) return { ...found, KeyLastUsage: {} };
    const event = { CloudTrailEventId: eventIdOf(last.id, account), KmsRequestId: last.id };
    const { e, t } = last.record;
    return { ...found, KeyLastUsage: { Operation: e as (typeof TRACKED)[number], Timestamp: new Date(t), ...event } };
  },
});
