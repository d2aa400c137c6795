import { createHash } from "node:crypto";
import { generateKeyPair, privateKeyOf, publicKeyOf, type SigningAlgorithm } from "@trent/crypto";
import { describe, expect, test } from "vitest";
import { openSigner } from "#local/signer";

const pairOf = async (spec: Parameters<typeof generateKeyPair>[0]) => {
  const { privateKey, publicKey } = await generateKeyPair(spec);
  return { privateKey: privateKeyOf(privateKey), publicKey: publicKeyOf(publicKey) };
};
const MESSAGE = createHash("sha512").update("message").digest();

describe("what would hold up other calls", () => {
  test.each([
    ["ECC_NIST_P256", "ECDSA_SHA_256", "DIGEST", 32],
    ["ECC_NIST_P384", "ECDSA_SHA_384", "DIGEST", 48],
    ["ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "DIGEST", 64],
    ["ML_DSA_44", "ML_DSA_SHAKE_256", "EXTERNAL_MU", 64],
    ["RSA_3072", "RSASSA_PSS_SHA_256", "DIGEST", 32],
  ] as const)("is signed and verified on other threads: %s by %s", async (spec, algorithm: SigningAlgorithm, type, length) => {
    const { sign, verify } = openSigner();
    const { privateKey, publicKey } = await pairOf(spec);
    const message = Uint8Array.from(MESSAGE.subarray(0, length));
    const signature = await sign(privateKey, algorithm, message, type);
    expect(message).toEqual(Uint8Array.from(MESSAGE.subarray(0, length)));
    expect(await verify(publicKey, algorithm, message, type, signature)).toBe(true);
    message[0] = (message[0] ?? 0) ^ 1;
    expect(await verify(publicKey, algorithm, message, type, signature)).toBe(false);
    expect(await verify(publicKey, algorithm, message, type, signature.subarray(1))).toBe(false);
  });

  test("leaves the thread of the callers free", async () => {
    const { sign } = openSigner();
    const { privateKey } = await pairOf("ML_DSA_87");
    await sign(privateKey, "ML_DSA_SHAKE_256", MESSAGE, "EXTERNAL_MU");
    const before = performance.eventLoopUtilization();
    await Promise.all(Array.from({ length: 20 }, () => sign(privateKey, "ML_DSA_SHAKE_256", MESSAGE, "EXTERNAL_MU")));
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  test("fails by itself alone when it fails", async () => {
    const { sign } = openSigner(1);
    const { privateKey, publicKey } = await pairOf("ECC_NIST_P384");
    const digest = MESSAGE.subarray(0, 48);
    const [first, second] = await Promise.allSettled([
      sign(publicKey, "ECDSA_SHA_384", digest, "DIGEST"),
      sign(privateKey, "ECDSA_SHA_384", digest, "DIGEST"),
    ]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
  });

  test("is refused when too much of it waits already", async () => {
    const { sign } = openSigner(1, 2);
    const { privateKey } = await pairOf("ECC_NIST_P384");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 3 }, () => sign(privateKey, "ECDSA_SHA_384", MESSAGE.subarray(0, 48), "DIGEST")),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcomes[2]).toHaveProperty("reason.name", "DependencyTimeoutException");
    await expect(sign(privateKey, "ECDSA_SHA_384", MESSAGE.subarray(0, 48), "DIGEST")).resolves.toBeInstanceOf(Buffer);
  });
});
