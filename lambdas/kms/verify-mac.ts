import { sameMac } from "@trent/crypto";
import { Fault } from "#domain/fault";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import { grantTokens, keyArn, keyId, mac, macAlgorithm, message } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Tells that an HMAC is that of the message under the key; any other is KMSInvalidMacException. */
export const verifyMac = operation({
  name: "VerifyMac",
  quota: cryptographic,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:VerifyMac",
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
    Mac: required(mac),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ KeyId: required(keyArn), MacValid: required(boolean), MacAlgorithm: required(macAlgorithm) }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidMacException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { Message: message, MacAlgorithm: algorithm, Mac: mac }, keys: { key }, material }) {
    requireAlgorithm(key, algorithm);
    const { key: secret } = await material(key);
    if (!sameMac(secret, algorithm, message, mac)) throw new Fault("KMSInvalidMacException");
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: algorithm };
  },
});
