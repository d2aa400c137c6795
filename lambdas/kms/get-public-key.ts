import { Fault } from "#domain/fault";
import { kindShown } from "#domain/key-metadata";
import { isAsymmetric } from "#domain/key-spec";
import { publicBytesOf, requirePublicHalf } from "#domain/material";
import { own } from "#domain/quota";
import { exportable } from "#domain/states";
import { operation } from "#operation";
import { algorithmLists, customerMasterKeySpec, grantTokens, keyArn, keyId, keySpec, keyUsage, publicKey } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Answers the public half of an asymmetric key, as X.509 SubjectPublicKeyInfo, and what it is for. */
export const getPublicKey = operation({
  name: "GetPublicKey",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetPublicKey", states: exportable, aliases: true, acrossAccounts: true } },
  uses: {},
  input: structure({ KeyId: required(keyId), GrantTokens: grantTokens }),
  output: structure({
    KeyId: required(keyArn),
    PublicKey: required(publicKey),
    CustomerMasterKeySpec: required(customerMasterKeySpec),
    KeySpec: required(keySpec),
    KeyUsage: required(keyUsage),
    ...algorithmLists,
  }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "UnsupportedOperationException",
    "InvalidArnException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "KMSInternalException",
    "KMSInvalidStateException",
  ],
  async handle({ keys: { key } }) {
    if (!isAsymmetric(key.spec)) throw new Fault("UnsupportedOperationException");
    requirePublicHalf(key);
    return { KeyId: key.arn, PublicKey: publicBytesOf(key), ...kindShown(key) };
  },
});
