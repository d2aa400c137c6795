import { requireExternal, withoutImported } from "#domain/imported-material";
import { requireState } from "#domain/key";
import { own } from "#domain/quota";
import { anyState, removable } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId, keyMaterialId } from "#wire/members";
import { required, string, structure } from "#wire/shape";

/** Deletes imported material, at once: until the same is imported again, nothing can be done with the key. */
export const deleteImportedKeyMaterial = operation({
  name: "DeleteImportedKeyMaterial",
  quota: own,
  // Whose material KMS made is refused as that, whatever its state.
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:DeleteImportedKeyMaterial", states: anyState } },
  uses: { keys: "write" },
  input: structure({ KeyId: required(keyId), KeyMaterialId: keyMaterialId }),
  output: structure({ KeyId: keyArn, KeyMaterialId: string({ min: 0, max: 64, pattern: "^[a-f0-9]+$" }) }),
  errors: [
    "InvalidArnException",
    "UnsupportedOperationException",
    "DependencyTimeoutException",
    "NotFoundException",
    "KMSInternalException",
    "KMSInvalidStateException",
  ],
  async handle({ input: { KeyMaterialId: id }, keys: { key }, stores, now }) {
    requireExternal(key);
    requireState(key, removable, now);
    const { key: changed, material } = withoutImported(key, id);
    if (changed !== key) await stores.keys.replace(key, changed);
    return { KeyId: key.arn, KeyMaterialId: key.spec === "SYMMETRIC_DEFAULT" ? material?.id : undefined };
  },
});
