import { decryptBy, encryptBy } from "#domain/encryption";
import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { decryptingKey, requireCiphertext, requireNotAnothers } from "#domain/symmetric";
import { operation } from "#operation";
import {
  ciphertext,
  dryRunModifiers,
  encryptionAlgorithm,
  encryptionContext,
  grantTokens,
  keyArn,
  keyId,
  keyMaterialId,
} from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

const usage = { states: usable, usage: "ENCRYPT_DECRYPT", aliases: true, acrossAccounts: true } as const;

/** Decrypts a blob and encrypts what it held under another key or context; the plaintext never leaves. */
export const reEncrypt = operation({
  name: "ReEncrypt",
  quota: cryptographic,
  on: {
    source: {
      id: (input) => decryptingKey("sourceKeyId", input.SourceKeyId, input.SourceEncryptionAlgorithm, requireCiphertext(input)),
      permission: "kms:ReEncryptFrom",
      ...usage,
      mistaken: ({ CiphertextBlob }, key) => requireNotAnothers(CiphertextBlob, key),
      context: ({ SourceEncryptionContext }) => SourceEncryptionContext,
      conditions: { "kms:EncryptionAlgorithm": ({ SourceEncryptionAlgorithm }) => SourceEncryptionAlgorithm },
    },
    destination: {
      id: ({ DestinationKeyId }) => DestinationKeyId,
      permission: "kms:ReEncryptTo",
      ...usage,
      context: ({ DestinationEncryptionContext }) => DestinationEncryptionContext,
      conditions: { "kms:EncryptionAlgorithm": ({ DestinationEncryptionAlgorithm }) => DestinationEncryptionAlgorithm },
    },
  },
  conditions: { "kms:ReEncryptOnSameKey": (_, { source, destination }) => source?.id === destination?.id },
  uses: {},
  input: structure({
    CiphertextBlob: ciphertext,
    SourceEncryptionContext: withDefault(encryptionContext, new Map()),
    SourceKeyId: keyId,
    DestinationKeyId: required(keyId),
    DestinationEncryptionContext: withDefault(encryptionContext, new Map()),
    SourceEncryptionAlgorithm: withDefault(encryptionAlgorithm, "SYMMETRIC_DEFAULT"),
    DestinationEncryptionAlgorithm: withDefault(encryptionAlgorithm, "SYMMETRIC_DEFAULT"),
    GrantTokens: grantTokens,
    DryRun: boolean,
    DryRunModifiers: dryRunModifiers,
  }),
  output: structure({
    CiphertextBlob: required(ciphertext),
    SourceKeyId: required(keyArn),
    KeyId: required(keyArn),
    SourceEncryptionAlgorithm: required(encryptionAlgorithm),
    DestinationEncryptionAlgorithm: required(encryptionAlgorithm),
    SourceKeyMaterialId: keyMaterialId,
    DestinationKeyMaterialId: keyMaterialId,
  }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidCiphertextException",
    "KeyUnavailableException",
    "IncorrectKeyException",
    "DependencyTimeoutException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input, keys: { source, destination }, material }) {
    const from = { key: source, algorithm: input.SourceEncryptionAlgorithm, context: input.SourceEncryptionContext };
    const to = { key: destination, algorithm: input.DestinationEncryptionAlgorithm, context: input.DestinationEncryptionContext };
    requireAlgorithm(source, from.algorithm);
    requireAlgorithm(destination, to.algorithm);
    const blob = requireCiphertext(input);
    const opened = blob ? await decryptBy(from, blob, material) : { bytes: new Uint8Array(1) };
    const again = await encryptBy(to, opened.bytes, material).finally(() => opened.bytes.fill(0));
    return {
      CiphertextBlob: again.bytes,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: again.materialId,
    };
  },
});
