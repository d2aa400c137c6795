import { expect, test } from "vitest";
import { requireMessage } from "#domain/message";

type Algorithm = Parameters<typeof requireMessage>[2];
type Type = Parameters<typeof requireMessage>[1];
const refusal = (message: string) => expect.objectContaining({ name: "ValidationException", message });

test.each<[Algorithm, number]>([
  ["RSASSA_PSS_SHA_256", 32],
  ["RSASSA_PKCS1_V1_5_SHA_384", 48],
  ["RSASSA_PSS_SHA_512", 64],
  ["ECDSA_SHA_256", 32],
  ["ECDSA_SHA_384", 48],
  ["ECDSA_SHA_512", 64],
  ["ED25519_PH_SHA_512", 64],
])("%s takes a digest of %i bytes, and none of another length", (algorithm, length) => {
  requireMessage(new Uint8Array(length), "DIGEST", algorithm);
  for (const other of [1, length - 1, length + 1, 4096])
    expect(() => requireMessage(new Uint8Array(other), "DIGEST", algorithm)).toThrow(
      refusal(`Digest is invalid length for algorithm ${algorithm}.`),
    );
});

test("ML-DSA takes a representative of 64 bytes, which is no digest", () => {
  requireMessage(new Uint8Array(64), "EXTERNAL_MU", "ML_DSA_SHAKE_256");
  for (const other of [32, 63, 65])
    expect(() => requireMessage(new Uint8Array(other), "EXTERNAL_MU", "ML_DSA_SHAKE_256")).toThrow(
      refusal("Digest is invalid length for algorithm ML_DSA_SHAKE_256."),
    );
});

test.each<[Algorithm, Type]>([
  ["ED25519_SHA_512", "DIGEST"],
  ["ED25519_SHA_512", "EXTERNAL_MU"],
  ["ED25519_PH_SHA_512", "RAW"],
  ["ED25519_PH_SHA_512", "EXTERNAL_MU"],
  ["ML_DSA_SHAKE_256", "DIGEST"],
  ["ECDSA_SHA_256", "EXTERNAL_MU"],
])("%s takes no %s", (algorithm, type) => {
  expect(() => requireMessage(new Uint8Array(64), type, algorithm)).toThrow(
    refusal(`MessageType ${type} is not valid for algorithm ${algorithm}.`),
  );
});

test.each<Algorithm>(["RSASSA_PSS_SHA_256", "ECDSA_SHA_512", "ED25519_SHA_512", "ML_DSA_SHAKE_256"])(
  "%s takes a message of any length",
  (algorithm) => {
    for (const length of [1, 32, 64, 4096]) requireMessage(new Uint8Array(length), "RAW", algorithm);
  },
);
