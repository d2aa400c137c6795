import { algorithmsOf, currentMaterial, type Key, type KeyState, stateOf } from "./key.ts";

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
    KeyUsage: key.usage,
    KeyState: state,
    DeletionDate: key.deletionDate,
    Origin: key.origin,
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    EncryptionAlgorithms: algorithmsOf(key) as readonly "SYMMETRIC_DEFAULT"[],
    MultiRegion: false,
    CurrentKeyMaterialId: currentMaterial(key).id,
  };
}
