import { onThread } from "@trent/crypto";
import { requireAlgorithm } from "#domain/key";
import { requireMessage } from "#domain/message";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { grantTokens, keyArn, keyId, message, messageType, signature, signingAlgorithm } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Signs a message of up to 4,096 bytes, or the digest of a longer one. */
export const sign = operation({
  name: "Sign",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:Sign",
      states: usable,
      usage: "SIGN_VERIFY",
      aliases: true,
      acrossAccounts: true,
    },
  },
  conditions: {
    "kms:MessageType": ({ MessageType }) => MessageType,
    "kms:SigningAlgorithm": ({ SigningAlgorithm }) => SigningAlgorithm,
  },
  uses: {},
  input: structure({
    KeyId: required(keyId),
    Message: required(message),
    MessageType: withDefault(messageType, "RAW"),
    GrantTokens: grantTokens,
    SigningAlgorithm: required(signingAlgorithm),
    DryRun: boolean,
  }),
  output: structure({ KeyId: required(keyArn), Signature: required(signature), SigningAlgorithm: required(signingAlgorithm) }),
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
  async handle({ input, keys: { key }, material, signer = onThread }) {
    const { Message: message, MessageType: type, SigningAlgorithm: algorithm } = input;
    requireAlgorithm(key, algorithm);
    requireMessage(message, type, algorithm);
    const { key: privateKey } = await material(key);
    const signature = await signer.sign(privateKey, algorithm, message, type);
    return { KeyId: key.arn, Signature: signature, SigningAlgorithm: algorithm };
  },
});
