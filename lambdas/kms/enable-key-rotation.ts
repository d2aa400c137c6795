import { requireNoReplica } from "#domain/multi-region";
import { own } from "#domain/quota";
import { requireRotatable, withSchedule, YEAR } from "#domain/rotation";
import { scheduled } from "#domain/states";
import { operation } from "#operation";
import { keyId } from "#wire/members";
import { rotationPeriod } from "#wire/rotation-members";
import { required, structure } from "#wire/shape";

/** Turns automatic rotation on, or gives it another period: the next rotation is a whole period from now. */
export const enableKeyRotation = operation({
  name: "EnableKeyRotation",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:EnableKeyRotation", states: scheduled } },
  conditions: { "kms:RotationPeriodInDays": ({ RotationPeriodInDays: days = YEAR }) => days },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId), RotationPeriodInDays: rotationPeriod }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
  ],
  async handle({ input: { RotationPeriodInDays: days = YEAR }, keys: { key }, stores, now }) {
    requireRotatable(key);
    requireNoReplica(key);
    await stores.keys.replace(key, withSchedule(key, days, now));
  },
});
