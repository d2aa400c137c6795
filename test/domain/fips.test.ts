import { describe, expect, it } from "vitest";
import { type Asked, requireApproved, unapproved } from "#domain/fips";

const ALLOWED: readonly Asked[] = [
  {},
  { spec: "SYMMETRIC_DEFAULT" },
  { spec: "RSA_2048", algorithm: "RSASSA_PSS_SHA_256", messageType: "RAW" },
  { spec: "RSA_4096", algorithm: "RSASSA_PKCS1_V1_5_SHA_512" },
  { spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256", messageType: "RAW" },
  { spec: "ECC_NIST_P521", algorithm: "ECDSA_SHA_512" },
  { spec: "ECC_NIST_EDWARDS25519", algorithm: "ED25519_SHA_512", messageType: "RAW" },
  { spec: "ML_DSA_65", algorithm: "ML_DSA_SHAKE_256", messageType: "RAW" },
  { spec: "ML_KEM_768" },
  { spec: "HMAC_256" },
];
const REFUSED: readonly (readonly [Asked, string])[] = [
  [{ spec: "ECC_SECG_P256K1" }, "KeySpec ECC_SECG_P256K1"],
  [{ spec: "ECC_SECG_P256K1", algorithm: "ECDSA_SHA_256", messageType: "RAW" }, "KeySpec ECC_SECG_P256K1"],
  [{ spec: "ECC_NIST_EDWARDS25519", algorithm: "ED25519_PH_SHA_512", messageType: "DIGEST" }, "SigningAlgorithm ED25519_PH_SHA_512"],
  [{ spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256", messageType: "DIGEST" }, "MessageType DIGEST"],
  [{ spec: "RSA_2048", algorithm: "RSASSA_PSS_SHA_256", messageType: "DIGEST" }, "MessageType DIGEST"],
  [{ spec: "ML_DSA_65", algorithm: "ML_DSA_SHAKE_256", messageType: "EXTERNAL_MU" }, "MessageType EXTERNAL_MU"],
];

describe("FIPS mode", () => {
  it.each(ALLOWED)("allows %j", (asked) => expect(unapproved(asked)).toBeUndefined());

  it.each(REFUSED)("refuses %j", (asked, what) => {
    expect(unapproved(asked)).toBe(what);
    expect(() => requireApproved(asked)).toThrow(
      expect.objectContaining({ name: "UnsupportedOperationException", message: `${what} is not available in FIPS mode.` }),
    );
  });
});
