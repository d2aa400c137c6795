import { encapsulate as encapsulateFor } from "@trent/crypto";
import { requireAlgorithm } from "#domain/key";
import { publicHalfOf } from "#domain/material";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { ciphertext, encapsulationAlgorithm, grantTokens, keyArn, keyId, plaintext } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Makes a shared secret and answers it twice: in the clear, and encapsulated for whoever may use the key. */
export const encapsulate = operation({
  name: "Encapsulate",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:Encapsulate",
      states: usable,
      usage: "ENCAPSULATE_DECAPSULATE",
      publicHalf: true,
      aliases: true,
      acrossAccounts: true,
    },
  },
  conditions: { "kms:EncapsulationAlgorithm": ({ EncapsulationAlgorithm }) => EncapsulationAlgorithm },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({
    KeyId: required(keyArn),
    SharedSecret: required(plaintext),
    SharedSecretCiphertextBlob: required(ciphertext),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
  }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { EncapsulationAlgorithm: algorithm }, keys: { key } }) {
    requireAlgorithm(key, algorithm);
    const { sharedSecret, ciphertext } = encapsulateFor(publicHalfOf(key));
    return { KeyId: key.arn, SharedSecret: sharedSecret, SharedSecretCiphertextBlob: ciphertext, EncapsulationAlgorithm: algorithm };
  },
});
