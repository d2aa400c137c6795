import { requireExternal } from "#domain/imported-material";
import { requireState } from "#domain/key";
import { pairFor } from "#domain/pair-for";
import { own } from "#domain/quota";
import { anyState, preparable } from "#domain/states";
import { PARAMETERS_MS, requireWrapping } from "#domain/wrapping";
import { operation } from "#operation";
import { importToken, keyArn, keyId, wrappingAlgorithm, wrappingKeySpec } from "#wire/members";
import { blob, required, structure, timestamp } from "#wire/shape";

/** Makes a key pair to wrap the material of a key under, and the token that goes with it: for 24 hours, and for this key alone. */
export const getParametersForImport = operation({
  name: "GetParametersForImport",
  quota: own,
  // Whose material KMS made is refused as that, whatever its state.
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetParametersForImport", states: anyState } },
  conditions: {
    "kms:WrappingAlgorithm": ({ WrappingAlgorithm }) => WrappingAlgorithm,
    "kms:WrappingKeySpec": ({ WrappingKeySpec }) => WrappingKeySpec,
  },
  uses: { imports: "keep" },
  input: structure({
    KeyId: required(keyId),
    WrappingAlgorithm: required(wrappingAlgorithm),
    WrappingKeySpec: required(wrappingKeySpec),
  }),
  output: structure({
    KeyId: required(keyArn),
    ImportToken: required(importToken),
    PublicKey: required(blob({ min: 1, max: 4096, sensitive: true })),
    ParametersValidTo: required(timestamp),
  }),
  errors: [
    "InvalidArnException",
    "UnsupportedOperationException",
    "DependencyTimeoutException",
    "NotFoundException",
    "KMSInternalException",
    "KMSInvalidStateException",
  ],
  async handle({ input: { WrappingAlgorithm: algorithm, WrappingKeySpec: spec }, keys: { key }, stores, now }) {
    requireExternal(key);
    requireState(key, preparable, now);
    requireWrapping(key, algorithm, spec);
    const { privateKey, publicKey } = await pairFor(key.account, spec);
    const validTo = new Date(now.getTime() + PARAMETERS_MS);
    const token = await stores.imports.keep(key, { algorithm, validTo }, privateKey);
    return { KeyId: key.arn, ImportToken: token, PublicKey: publicKey, ParametersValidTo: validTo };
  },
});
