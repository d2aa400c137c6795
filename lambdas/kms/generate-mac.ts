import { macOf } from "@trent/crypto";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { grantTokens, keyArn, keyId, mac, macAlgorithm, message } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Answers the HMAC of a message of up to 4,096 bytes, untruncated. */
export const generateMac = operation({
  name: "GenerateMac",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:GenerateMac",
      states: usable,
      usage: "GENERATE_VERIFY_MAC",
      aliases: true,
      acrossAccounts: true,
    },
  },
  conditions: { "kms:MacAlgorithm": ({ MacAlgorithm }) => MacAlgorithm },
  uses: {},
  input: structure({
    Message: required(message),
    KeyId: required(keyId),
    MacAlgorithm: required(macAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ Mac: required(mac), MacAlgorithm: required(macAlgorithm), KeyId: required(keyArn) }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { Message: message, MacAlgorithm: algorithm }, keys: { key }, material }) {
    requireAlgorithm(key, algorithm);
    const { key: secret } = await material(key);
    return { Mac: macOf(secret, algorithm, message), MacAlgorithm: algorithm, KeyId: key.arn };
  },
});
