/**
 * The states in which an operation works, by the kind of operation.
 * @see AWS KMS Developer Guide, "Key states of AWS KMS keys", the table.
 */
import type { KeyState } from "./key.ts";

/** Cryptographic operations. */
export const usable: readonly KeyState[] = ["Enabled", "Updating"];
/** GetPublicKey: what is public already stays so. */
export const exportable: readonly KeyState[] = ["Enabled", "Disabled", "PendingImport", "Updating"];
/** Operations that only look. */
export const anyState: readonly KeyState[] = [
  "Creating",
  "Enabled",
  "Disabled",
  "PendingDeletion",
  "PendingImport",
  "PendingReplicaDeletion",
  "Unavailable",
  "Updating",
];
/** Changes that a key on its way out does not take. */
export const notPendingDeletion: readonly KeyState[] = ["Creating", "Enabled", "Disabled", "PendingImport", "Unavailable", "Updating"];
/** EnableKey and DisableKey. */
export const switchable: readonly KeyState[] = ["Enabled", "Disabled", "Unavailable"];
/** ScheduleKeyDeletion. */
export const deletable: readonly KeyState[] = ["Creating", "Enabled", "Disabled", "PendingImport", "Unavailable"];
/** GetParametersForImport. */
export const preparable: readonly KeyState[] = ["Enabled", "Disabled", "PendingImport"];
/** ImportKeyMaterial. */
export const completable: readonly KeyState[] = ["Enabled", "Disabled", "PendingImport", "Updating"];
/** DeleteImportedKeyMaterial: also of a key on its way out. */
export const removable: readonly KeyState[] = ["Enabled", "Disabled", "PendingImport", "PendingDeletion", "PendingReplicaDeletion"];
/** CancelKeyDeletion. */
export const pendingDeletion: readonly KeyState[] = ["PendingDeletion", "PendingReplicaDeletion"];
/** EnableKeyRotation and DisableKeyRotation. In the last two states are only keys whose origin they refuse. */
export const scheduled: readonly KeyState[] = ["Enabled", "Updating", "PendingImport", "Unavailable"];
/** RotateKeyOnDemand; in the last state, likewise. */
export const rotatableNow: readonly KeyState[] = ["Enabled", "Updating", "Unavailable"];
/** ReplicateKey. */
export const replicable: readonly KeyState[] = ["Enabled"];
/** UpdatePrimaryRegion, both keys. */
export const promotable: readonly KeyState[] = ["Enabled", "Updating"];
