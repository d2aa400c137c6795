import { requireAlgorithm } from "#domain/key";
import { pairFor } from "#domain/pair-for";
import { dataKeyPair } from "#domain/quota";
import { usable } from "#domain/states";
import { encryptUnder } from "#domain/symmetric";
import { operation } from "#operation";
import {
  ciphertext,
  dataKeyPairSpec,
  encryptionContext,
  grantTokens,
  keyArn,
  keyId,
  keyMaterialId,
  plaintext,
  publicKey,
  recipient,
} from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Makes a key pair for use outside: its private half (PKCS#8) in the clear and encrypted under a KMS key, its public half beside them. */
export const generateDataKeyPair = operation({
  name: "GenerateDataKeyPair",
  quota: dataKeyPair,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:GenerateDataKeyPair",
      states: usable,
      usage: "ENCRYPT_DECRYPT",
      aliases: true,
      acrossAccounts: true,
      context: ({ EncryptionContext }) => EncryptionContext,
    },
  },
  conditions: {
    "kms:DataKeyPairSpec": ({ KeyPairSpec }) => KeyPairSpec,
    "kms:EncryptionAlgorithm": () => "SYMMETRIC_DEFAULT",
  },
  uses: {},
  input: structure({
    EncryptionContext: withDefault(encryptionContext, new Map()),
    KeyId: required(keyId),
    KeyPairSpec: required(dataKeyPairSpec),
    GrantTokens: grantTokens,
    Recipient: recipient,
    DryRun: boolean,
  }),
  output: structure({
    PrivateKeyCiphertextBlob: required(ciphertext),
    PrivateKeyPlaintext: required(plaintext),
    PublicKey: required(publicKey),
    KeyId: required(keyArn),
    KeyPairSpec: required(dataKeyPairSpec),
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
    "UnsupportedOperationException",
    "DryRunOperationException",
  ],
  async handle({ input: { KeyPairSpec: spec, EncryptionContext: context }, keys: { key }, material, caller }) {
    requireAlgorithm(key, "SYMMETRIC_DEFAULT");
    const secret = await material(key);
    const { privateKey, publicKey } = await pairFor(caller.account, spec);
    return {
      PrivateKeyCiphertextBlob: encryptUnder(key, secret, privateKey, context),
      PrivateKeyPlaintext: privateKey,
      PublicKey: publicKey,
      KeyId: key.arn,
      KeyPairSpec: spec,
      KeyMaterialId: secret.id,
    };
  },
});
