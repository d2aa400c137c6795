import { agreedSecret } from "#domain/agreement";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { ciphertext, grantTokens, keyAgreementAlgorithm, keyArn, keyId, origin, plaintext, publicKey, recipient } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Answers the secret that the key and somebody's public key agree on: the x coordinate of ECDH, not yet a key. */
export const deriveSharedSecret = operation({
  name: "DeriveSharedSecret",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:DeriveSharedSecret",
      states: usable,
      usage: "KEY_AGREEMENT",
      aliases: true,
      acrossAccounts: true,
    },
  },
  conditions: { "kms:KeyAgreementAlgorithm": ({ KeyAgreementAlgorithm }) => KeyAgreementAlgorithm },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    KeyAgreementAlgorithm: required(keyAgreementAlgorithm),
    PublicKey: required(publicKey),
    GrantTokens: grantTokens,
    DryRun: boolean,
    Recipient: recipient,
  }),
  output: structure({
    KeyId: required(keyArn),
    SharedSecret: required(plaintext),
    CiphertextForRecipient: ciphertext,
    KeyAgreementAlgorithm: required(keyAgreementAlgorithm),
    KeyOrigin: required(origin),
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
  async handle({ input: { KeyAgreementAlgorithm: algorithm, PublicKey: theirs }, keys: { key }, material }) {
    requireAlgorithm(key, algorithm);
    const { key: ours } = await material(key);
    return { KeyId: key.arn, SharedSecret: agreedSecret(ours, theirs), KeyAgreementAlgorithm: algorithm, KeyOrigin: key.origin };
  },
});
