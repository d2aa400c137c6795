import { randomBytes } from "@trent/crypto";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { dataKeyLength, encryptUnder } from "#domain/symmetric";
import { operation } from "#operation";
import { ciphertext, dataKeySpec, encryptionContext, grantTokens, keyArn, keyId, keyMaterialId, numberOfBytes } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Makes a random data key and answers it only encrypted under a KMS key: for those who will need it later. */
export const generateDataKeyWithoutPlaintext = operation({
  name: "GenerateDataKeyWithoutPlaintext",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:GenerateDataKeyWithoutPlaintext",
      states: usable,
      usage: "ENCRYPT_DECRYPT",
      aliases: true,
      predefined: true,
      acrossAccounts: true,
      context: ({ EncryptionContext }) => EncryptionContext,
    },
  },
  conditions: { "kms:EncryptionAlgorithm": () => "SYMMETRIC_DEFAULT" },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    EncryptionContext: withDefault(encryptionContext, new Map()),
    KeySpec: dataKeySpec,
    NumberOfBytes: numberOfBytes,
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ CiphertextBlob: required(ciphertext), KeyId: required(keyArn), KeyMaterialId: required(keyMaterialId) }),
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
    requireAlgorithm(key, "SYMMETRIC_DEFAULT");
    const secret = await material(key);
    const dataKey = randomBytes(dataKeyLength(input.KeySpec, input.NumberOfBytes));
    try {
      const blob = encryptUnder(key, secret, dataKey, input.EncryptionContext);
      return { CiphertextBlob: blob, KeyId: key.arn, KeyMaterialId: secret.id };
    } finally {
      dataKey.fill(0);
    }
  },
});
