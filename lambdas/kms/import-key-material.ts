import { importExpiryOf, requireExternal, requireImport, withImported } from "#domain/imported-material";
import { requireState } from "#domain/key";
import { own } from "#domain/quota";
import { anyState, completable } from "#domain/states";
import { materialFor, unwrapped } from "#domain/wrapping";
import { operation } from "#operation";
import { ciphertext, expirationModel, importToken, keyArn, keyId, keyMaterialDescription, keyMaterialId } from "#wire/members";
import { enumeration, required, structure, timestamp } from "#wire/shape";

/** Takes material that was made elsewhere: the first of a key, the same again, or one to rotate to. */
export const importKeyMaterial = operation({
  name: "ImportKeyMaterial",
  quota: own,
  // Whose material KMS made is refused as that, whatever its state.
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ImportKeyMaterial", states: anyState } },
  conditions: {
    "kms:ExpirationModel": ({ ExpirationModel }) => ExpirationModel,
    "kms:ValidTo": ({ ValidTo }) => ValidTo,
  },
  uses: { keys: "write", imports: "read", material: "write" },
  input: structure({
    KeyId: required(keyId),
    ImportToken: required(importToken),
    EncryptedKeyMaterial: required(ciphertext),
    ValidTo: timestamp,
    ExpirationModel: expirationModel,
    ImportType: enumeration(["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"]),
    KeyMaterialDescription: keyMaterialDescription,
    KeyMaterialId: keyMaterialId,
  }),
  output: structure({ KeyId: required(keyArn), KeyMaterialId: keyMaterialId }),
  errors: [
    "InvalidArnException",
    "UnsupportedOperationException",
    "DependencyTimeoutException",
    "NotFoundException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "InvalidCiphertextException",
    "IncorrectKeyMaterialException",
    "ExpiredImportTokenException",
    "InvalidImportTokenException",
  ],
  async handle({ input, keys: { key }, stores, now }) {
    const { ImportType: type, KeyMaterialId: id, KeyMaterialDescription: description } = input;
    requireExternal(key);
    requireState(key, completable, now);
    const expires = importExpiryOf({ model: input.ExpirationModel, validTo: input.ValidTo }, now);
    const asked = { type, id, description, expires };
    requireImport(key, asked);
    const { algorithm, privateKey } = await stores.imports.open(key, input.ImportToken, now);
    const given = materialFor(key, await unwrapped(privateKey, algorithm, input.EncryptedKeyMaterial));
    const material = await stores.material.take(key, given, now);
    await stores.keys.replace(key, withImported(key, material, asked, now));
    return { KeyId: key.arn, KeyMaterialId: key.spec === "SYMMETRIC_DEFAULT" ? material.id : undefined };
  },
});
