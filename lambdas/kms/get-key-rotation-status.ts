import { Fault } from "#domain/fault";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { boolean, integer, required, structure, timestamp } from "#wire/shape";

/** Tells whether a key's material is rotated automatically: not yet, since no operation turns it on. */
export const getKeyRotationStatus = operation({
  name: "GetKeyRotationStatus",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetKeyRotationStatus", states: anyState, acrossAccounts: true } },
  uses: {},
  input: structure({ KeyId: required(keyId) }),
  output: structure({
    KeyRotationEnabled: required(boolean),
    KeyId: required(keyArn),
    RotationPeriodInDays: integer({ min: 90, max: 2560 }),
    NextRotationDate: timestamp,
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
  async handle({ keys: { key } }) {
    if (key.spec !== "SYMMETRIC_DEFAULT") throw new Fault("UnsupportedOperationException");
    return { KeyRotationEnabled: false, KeyId: key.arn };
  },
});
