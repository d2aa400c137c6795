/**
 * The members of KMS's rotation operations, with AWS's limits and values.
 * @see AWS KMS API Reference, EnableKeyRotation, "RotationsListEntry"
 */
import { expirationModel, keyId, keyMaterialDescription, keyMaterialId } from "./members.ts";
import { enumeration, integer, list, structure, timestamp } from "./shape.ts";

export const rotationPeriod = integer({ min: 90, max: 2560 });
export const includeKeyMaterial = enumeration(["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]);

export const rotations = list(
  structure({
    KeyId: keyId,
    KeyMaterialId: keyMaterialId,
    KeyMaterialDescription: keyMaterialDescription,
    ImportState: enumeration(["IMPORTED", "PENDING_IMPORT"]),
    KeyMaterialState: enumeration(["NON_CURRENT", "CURRENT", "PENDING_ROTATION", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]),
    ExpirationModel: expirationModel,
    ValidTo: timestamp,
    RotationDate: timestamp,
    RotationType: enumeration(["AUTOMATIC", "ON_DEMAND"]),
  }),
);
