import { requireAlgorithm } from "#domain/key";
import { cryptographic } from "#domain/quota";
import { usable } from "#domain/states";
import { decryptingKey, decryptUnder, encryptUnder, requireCiphertext, requireMaterialId } from "#domain/symmetric";
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
      id: (input) => decryptingKey("sourceKeyId", input.SourceKeyId, requireCiphertext(input)),
      permission: "kms:ReEncryptFrom",
      ...usage,
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
    requireAlgorithm(source, input.SourceEncryptionAlgorithm);
    requireAlgorithm(destination, input.DestinationEncryptionAlgorithm);
    const blob = requireCiphertext(input);
    const from = blob && (await material(source, requireMaterialId(blob, source)));
    const plaintext = blob ? decryptUnder(from, blob, input.SourceEncryptionContext) : new Uint8Array(1);
    const to = await material(destination);
    const again = encryptUnder(destination, to, plaintext, input.DestinationEncryptionContext);
    plaintext.fill(0);
    return {
      CiphertextBlob: again,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm,
      SourceKeyMaterialId: from?.id,
      DestinationKeyMaterialId: to.id,
    };
  },
});
