import { decryptBy } from "#domain/encryption";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { decryptingKey, requireCiphertext, requireNotAnothers } from "#domain/symmetric";
import { operation } from "#operation";
import {
  ciphertext,
  dryRunModifiers,
  encryptionAlgorithm,
  encryptionContext,
  grantTokens,
  keyArn,
  keyId,
  keyMaterialId,
  plaintext,
  recipient,
} from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Decrypts what Encrypt, ReEncrypt or a GenerateDataKey operation made, or who had the public key; a symmetric blob names its key. */
export const decrypt = operation({
  name: "Decrypt",
  quota: cryptographic,
  on: {
    key: {
      id: (input) => decryptingKey("keyId", input.KeyId, input.EncryptionAlgorithm, requireCiphertext(input)),
      permission: "kms:Decrypt",
      states: usable,
      usage: "ENCRYPT_DECRYPT",
      mistaken: ({ CiphertextBlob }, key) => requireNotAnothers(CiphertextBlob, key),
      aliases: true,
      acrossAccounts: true,
      context: ({ EncryptionContext }) => EncryptionContext,
    },
  },
  conditions: { "kms:EncryptionAlgorithm": ({ EncryptionAlgorithm }) => EncryptionAlgorithm },
  uses: {},
  input: structure({
    CiphertextBlob: ciphertext,
    EncryptionContext: withDefault(encryptionContext, new Map()),
    GrantTokens: grantTokens,
    KeyId: keyId,
    EncryptionAlgorithm: withDefault(encryptionAlgorithm, "SYMMETRIC_DEFAULT"),
    Recipient: recipient,
    DryRun: boolean,
    DryRunModifiers: dryRunModifiers,
  }),
  output: structure({
    KeyId: required(keyArn),
    Plaintext: required(plaintext),
    EncryptionAlgorithm: required(encryptionAlgorithm),
    CiphertextForRecipient: ciphertext,
    KeyMaterialId: keyMaterialId,
  }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidCiphertextException",
    "KeyUnavailableException",
    "IncorrectKeyException",
    "InvalidKeyUsageException",
    "DependencyTimeoutException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input, keys: { key }, material }) {
    const { EncryptionContext: context, EncryptionAlgorithm: algorithm } = input;
    requireAlgorithm(key, algorithm);
    const blob = requireCiphertext(input);
    if (!blob) return { KeyId: key.arn, Plaintext: new Uint8Array(), EncryptionAlgorithm: algorithm };
    const { bytes: plaintext, materialId } = await decryptBy({ key, algorithm, context }, blob, material);
    return { KeyId: key.arn, Plaintext: plaintext, EncryptionAlgorithm: algorithm, KeyMaterialId: materialId };
  },
});
