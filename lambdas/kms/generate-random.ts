import { randomBytes } from "@trent/crypto";
import { Fault } from "#domain/fault";
import { cryptographic } from "#domain/quota";
import { operation } from "#operation";
import { ciphertext, numberOfBytes, plaintext, recipient } from "#wire/members";
import { required, string, structure, unavailable } from "#wire/shape";

/** Answers random bytes; no key is involved. */
export const generateRandom = operation({
  name: "GenerateRandom",
  quota: cryptographic,
  permission: "kms:GenerateRandom",
  uses: {},
  input: structure({ NumberOfBytes: numberOfBytes, CustomKeyStoreId: unavailable(string({ min: 1, max: 64 })), Recipient: recipient }),
  output: structure({ Plaintext: required(plaintext), CiphertextForRecipient: ciphertext }),
  errors: [
    "DependencyTimeoutException",
    "KMSInternalException",
    "UnsupportedOperationException",
    "CustomKeyStoreNotFoundException",
    "CustomKeyStoreInvalidStateException",
  ],
  async handle({ input: { NumberOfBytes: length } }) {
    if (length === undefined) throw new Fault("ValidationException", "NumberOfBytes is required.");
    return { Plaintext: randomBytes(length) };
  },
});
