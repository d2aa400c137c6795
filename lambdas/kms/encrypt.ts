import { encryptBy } from "#domain/encryption";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { ciphertext, encryptionAlgorithm, encryptionContext, grantTokens, keyArn, keyId, plaintext } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Encrypts up to 4,096 bytes under a KMS key. */
export const encrypt = operation({
  name: "Encrypt",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:Encrypt",
      states: usable,
      usage: "ENCRYPT_DECRYPT",
      aliases: true,
      predefined: true,
      acrossAccounts: true,
      context: ({ EncryptionContext }) => EncryptionContext,
    },
  },
  conditions: { "kms:EncryptionAlgorithm": ({ EncryptionAlgorithm }) => EncryptionAlgorithm },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    Plaintext: required(plaintext),
    EncryptionContext: withDefault(encryptionContext, new Map()),
    GrantTokens: grantTokens,
    EncryptionAlgorithm: withDefault(encryptionAlgorithm, "SYMMETRIC_DEFAULT"),
    DryRun: boolean,
  }),
  output: structure({ CiphertextBlob: required(ciphertext), KeyId: required(keyArn), EncryptionAlgorithm: required(encryptionAlgorithm) }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input, keys: { key }, material }) {
    const { Plaintext: plaintext, EncryptionContext: context, EncryptionAlgorithm: algorithm } = input;
    const { bytes: blob } = await encryptBy({ key, algorithm, context }, plaintext, material);
    return { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: algorithm };
  },
});
