import { onThread } from "@trent/crypto";
import { Fault } from "#domain/fault";
import { requireAlgorithm } from "#domain/key";
import { publicHalfOf } from "#domain/material";
import { requireMessage } from "#domain/message";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { grantTokens, keyArn, keyId, message, messageType, signature, signingAlgorithm } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Tells that a signature is the key's; one that is not, however malformed, is KMSInvalidSignatureException. */
export const verify = operation({
  name: "Verify",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:Verify",
      states: usable,
      usage: "SIGN_VERIFY",
      publicHalf: true,
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
    Signature: required(signature),
    SigningAlgorithm: required(signingAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ KeyId: required(keyArn), SignatureValid: required(boolean), SigningAlgorithm: required(signingAlgorithm) }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "KMSInvalidSignatureException",
    "DryRunOperationException",
  ],
  async handle({ input, keys: { key }, signer = onThread }) {
    const { Message: message, MessageType: type, Signature: signature, SigningAlgorithm: algorithm } = input;
    requireAlgorithm(key, algorithm);
    requireMessage(message, type, algorithm);
    const valid = await signer.verify(publicHalfOf(key), algorithm, message, type, signature);
    if (!valid) throw new Fault("KMSInvalidSignatureException");
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm };
  },
});
