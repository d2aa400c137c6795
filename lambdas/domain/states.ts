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
/** CancelKeyDeletion. */
export const pendingDeletion: readonly KeyState[] = ["PendingDeletion", "PendingReplicaDeletion"];
