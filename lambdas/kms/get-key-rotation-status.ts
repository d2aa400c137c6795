import { stateOf } from "#domain/key";
import { own } from "#domain/quota";
import { isRotating, requireRotatable } from "#domain/rotation";
import { anyState, pendingDeletion } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { rotationPeriod } from "#wire/rotation-members";
import { boolean, required, structure, timestamp } from "#wire/shape";

/**
 * Tells whether a key is rotated automatically, how often, and when next. A key on its way out is not, until its deletion is cancelled; one of a
 * kind that never is, is not: Terraform asks of every key.
 * @see AWS KMS API Reference, EnableKeyRotation: "The key rotation status of these KMS keys is always false"
 */
export const getKeyRotationStatus = operation({
  name: "GetKeyRotationStatus",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetKeyRotationStatus", states: anyState, acrossAccounts: true } },
  uses: {},
  input: structure({ KeyId: required(keyId) }),
  output: structure({
    KeyRotationEnabled: required(boolean),
    KeyId: required(keyArn),
    RotationPeriodInDays: rotationPeriod,
    NextRotationDate: timestamp,
    // Of a multi-Region key, until all of its Regions have the new material; any other is rotated when the call is answered.
    OnDemandRotationStartDate: timestamp,
  }),
  errors: [
    "NotFoundException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
  ],
  async handle({ keys: { key }, now }) {
    const state = stateOf(key, now);
    const waits = state === "PendingImport";
    if (waits || key.spec === "SYMMETRIC_DEFAULT") requireRotatable(key, waits ? ["AWS_KMS"] : ["AWS_KMS", "EXTERNAL"]);
    const schedule = state && !pendingDeletion.includes(state) ? key.rotation : undefined;
    return {
      KeyRotationEnabled: schedule !== undefined,
      KeyId: key.arn,
      RotationPeriodInDays: schedule?.periodInDays,
      NextRotationDate: schedule?.next,
      OnDemandRotationStartDate: isRotating(key) && key.pending?.rotation === "ON_DEMAND" ? key.pending.created : undefined,
    };
  },
});
