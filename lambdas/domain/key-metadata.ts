import { earliestExpiryOf, expirationModelOf } from "./imported-material.ts";
import { isComplete, type Key, type KeyState, stateOf } from "./key.ts";
import { type AlgorithmFor, algorithmsOf, type KeySpec, type KeyUsage } from "./key-spec.ts";
import { configurationOf } from "./multi-region.ts";

/** The old enum, which newer specs are not in; AWS sends them all the same. */
type CustomerMasterKeySpec = Exclude<KeySpec, `ML_${string}` | "ECC_NIST_EDWARDS25519">;

/** What a key is for, in the members that GetPublicKey answers too: of the lists of algorithms only that of the key's own usage. */
export function kindShown(key: Pick<Key, "spec" | "usage">) {
  const listed = <U extends KeyUsage>(usage: U) => (key.usage === usage ? (algorithmsOf(key) as readonly AlgorithmFor<U>[]) : undefined);
  return {
    CustomerMasterKeySpec: key.spec as CustomerMasterKeySpec,
    KeySpec: key.spec,
    KeyUsage: key.usage,
    EncryptionAlgorithms: listed("ENCRYPT_DECRYPT"),
    SigningAlgorithms: listed("SIGN_VERIFY"),
    MacAlgorithms: listed("GENERATE_VERIFY_MAC"),
    KeyAgreementAlgorithms: listed("KEY_AGREEMENT"),
    EncapsulationAlgorithms: listed("ENCAPSULATE_DECAPSULATE"),
  };
}

/**
 * A key as DescribeKey and CreateKey show it: exactly the members that apply to it.
 * @see AWS KMS API Reference, "KeyMetadata".
 */
export function metadataOf(key: Key, now: Date) {
  const state = stateOf(key, now) as KeyState;
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.created,
    Enabled: state === "Enabled",
    Description: key.description,
    ...kindShown(key),
    KeyState: state,
    DeletionDate: key.deletionDate,
    ...expiryShown(key, now),
    Origin: key.origin,
    KeyManager: key.manager,
    PendingDeletionWindowInDays: state === "PendingReplicaDeletion" ? key.deletionWindow : undefined,
    MultiRegion: key.multiRegion !== undefined,
    MultiRegionConfiguration: configurationOf(key),
    CurrentKeyMaterialId: key.spec === "SYMMETRIC_DEFAULT" ? key.materials.at(-1)?.id : undefined,
  };
}

/** Of imported material, as long as it is there. */
function expiryShown(key: Key, now: Date) {
  if (key.origin !== "EXTERNAL" || !isComplete(key, now)) return {};
  const expires = earliestExpiryOf(key);
  return { ValidTo: expires, ExpirationModel: expirationModelOf(expires) };
}
