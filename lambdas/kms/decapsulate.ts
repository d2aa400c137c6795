import { decapsulated } from "#domain/agreement";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { ciphertext, encapsulationAlgorithm, grantTokens, keyArn, keyId, plaintext } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/**
 * Answers the secret that was encapsulated for the key.
 *
 * A blob of the right length that was made for another key, or altered, answers some other secret and no error: ML-KEM's implicit rejection
 * (FIPS 203, 6.3).
 */
export const decapsulate = operation({
  name: "Decapsulate",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:Decapsulate",
      states: usable,
      usage: "ENCAPSULATE_DECAPSULATE",
      aliases: true,
      acrossAccounts: true,
    },
  },
  conditions: { "kms:EncapsulationAlgorithm": ({ EncapsulationAlgorithm }) => EncapsulationAlgorithm },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    SharedSecretCiphertextBlob: required(ciphertext),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({
    KeyId: required(keyArn),
    SharedSecret: required(plaintext),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
  }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidCiphertextException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { SharedSecretCiphertextBlob: blob, EncapsulationAlgorithm: algorithm }, keys: { key }, material }) {
    requireAlgorithm(key, algorithm);
    const { key: privateKey } = await material(key);
    return { KeyId: key.arn, SharedSecret: decapsulated(privateKey, blob), EncapsulationAlgorithm: algorithm };
  },
});
