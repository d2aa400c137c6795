import { beganAt, eventIdOf } from "#domain/event-id";
import { isUse, TRACKED } from "#domain/key-use";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { enumeration, required, string, structure, timestamp } from "#wire/shape";

/** As long as every host keeps records at the least; the log of a shorter time tells no less. */
const TRACKED_MS = 90 * 86_400_000;
/** Pages of the log that a call may cost: an index finds the record at once, and without one as much is looked through. */
const PAGES = 4;

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
    const { account, arn, id, created } = key;
    const kept = new Date(Math.max(created.getTime(), now.getTime() - TRACKED_MS));
    const found = { KeyId: arn, TrackingStartDate: kept, KeyCreationDate: created };
    let before: string | undefined;
    for (let pages = 0; pages < PAGES; pages += 1) {
      const wanted = { before, since: kept, mentions: id, word: id, limit: 1 };
      const page = await stores.log.newest(account, { ...wanted, isWanted: ({ record }) => isUse(record, arn) });
      const [last] = page.records;
      if (last) {
        const { record } = last;
        const event = { CloudTrailEventId: eventIdOf(last.id, account), KmsRequestId: last.id };
        return { ...found, KeyLastUsage: { Operation: record.e as (typeof TRACKED)[number], Timestamp: new Date(record.t), ...event } };
      }
      before = page.next;
      if (before === undefined) return { ...found, KeyLastUsage: {} };
    }
    return { ...found, KeyLastUsage: {}, TrackingStartDate: new Date(Math.max(kept.getTime(), reachedBy(before))) };
  },
});

/** When the records began that a place in the log is before. */
function reachedBy(place = ""): number {
  const [day = "", id = ""] = place.split("/");
  return id === "" ? Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`) : beganAt(id);
}
