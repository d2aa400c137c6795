import { randomBytes } from "@trent/crypto";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { dataKeyLength, encryptUnder } from "#domain/symmetric";
import { operation } from "#operation";
import {
  ciphertext,
  dataKeySpec,
  encryptionContext,
  grantTokens,
  keyArn,
  keyId,
  keyMaterialId,
  numberOfBytes,
  plaintext,
  recipient,
} from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Makes a random data key and answers it twice: in the clear, and encrypted under a KMS key. */
export const generateDataKey = operation({
  name: "GenerateDataKey",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:GenerateDataKey",
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
    NumberOfBytes: numberOfBytes,
    KeySpec: dataKeySpec,
    GrantTokens: grantTokens,
    Recipient: recipient,
    DryRun: boolean,
  }),
  output: structure({
    CiphertextBlob: required(ciphertext),
    Plaintext: required(plaintext),
    KeyId: required(keyArn),
    CiphertextForRecipient: ciphertext,
    KeyMaterialId: required(keyMaterialId),
  }),
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
    const dataKey = randomBytes(dataKeyLength(input.KeySpec, input.NumberOfBytes));
    const secret = await material(key);
    const blob = encryptUnder(key, secret, dataKey, input.EncryptionContext);
    return { CiphertextBlob: blob, Plaintext: dataKey, KeyId: key.arn, KeyMaterialId: secret.id };
  },
});
