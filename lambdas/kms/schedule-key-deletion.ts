import { Fault } from "#domain/fault";
import { type KeyState, scheduleDeletion, stateOf } from "#domain/key";
import { own } from "#domain/quota";
import { deletable } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId, keyState } from "#wire/members";
import { integer, required, structure, timestamp, withDefault } from "#wire/shape";

const days = integer({ min: 1, max: 365 });

/** Starts the waiting period after which a key and all its material are gone. */
export const scheduleKeyDeletion = operation({
  name: "ScheduleKeyDeletion",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ScheduleKeyDeletion", states: deletable, idleDays: true } },
  conditions: { "kms:ScheduleKeyDeletionPendingWindowInDays": ({ PendingWindowInDays }) => PendingWindowInDays },
  uses: { keys: "write", log: "read" },
  input: structure({ KeyId: required(keyId), PendingWindowInDays: withDefault(days, 30) }),
  output: structure({
    KeyId: required(keyArn),
    DeletionDate: timestamp,
    KeyState: required(keyState),
    PendingWindowInDays: required(days),
  }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ input: { PendingWindowInDays: days }, keys: { key }, stores, now }) {
    if (days < 7 || days > 30) throw new Fault("ValidationException", "PendingWindowInDays must be between 7 and 30");
    const doomed = scheduleDeletion(key, days, now);
    await stores.keys.replace(key, doomed);
    return { KeyId: key.arn, DeletionDate: doomed.deletionDate, KeyState: stateOf(doomed, now) as KeyState, PendingWindowInDays: days };
  },
});
