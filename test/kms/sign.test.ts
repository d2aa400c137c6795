import { createHash, createPublicKey, type KeyObject, verify as verifyOffline } from "node:crypto";
import {
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { SIGNING, typeOf } from "./kinds.ts";
import { optionsOf } from "./offline.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms, type TestKey } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Message = createHash("sha512").update("attack at dawn").digest();
const sign = (client: KMSClient, KeyId: string, rest: Partial<SignCommandInput> = {}) =>
  client.send(new SignCommand({ KeyId, Message, SigningAlgorithm: "ECDSA_SHA_256", ...rest }));

const LENGTHS: Readonly<Record<string, number>> = {
  ...{ RSA_2048: 256, RSA_3072: 384, RSA_4096: 512, ECC_NIST_EDWARDS25519: 64 },
  ...{ ML_DSA_44: 2420, ML_DSA_65: 3309, ML_DSA_87: 4627 },
};

describe("Sign", () => {
  const kms = startKms({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const made = new Map<string, Promise<TestKey>>();
  const keyOf = (spec: KeySpec): Promise<TestKey> => {
    const key = made.get(spec) ?? kms.key({ KeySpec: spec });
    made.set(spec, key);
    return key;
  };
  async function publicKeyOf(KeyId: string): Promise<KeyObject> {
    const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId }));
    return createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  }

  describe.each(SIGNING)("with a key of %s by %s", (spec, SigningAlgorithm) => {
    const MessageType = typeOf(SigningAlgorithm);

    it("answers a signature that Verify takes, and the key's ARN", async () => {
      const key = await keyOf(spec);
      const answer = await sign(kms.client, key.id, { SigningAlgorithm, MessageType });
      expect(members(answer)).toEqual({ KeyId: key.arn, Signature: expect.any(Uint8Array), SigningAlgorithm });
      if (LENGTHS[spec]) expect(answer.Signature?.length).toBe(LENGTHS[spec]);
      const verified = await kms.client.send(
        new VerifyCommand({ KeyId: key.id, Message, MessageType, SigningAlgorithm, Signature: answer.Signature }),
      );
      expect(members(verified)).toEqual({ KeyId: key.arn, SignatureValid: true, SigningAlgorithm });
    });

    // Node has no Ed25519ph: the vectors of @trent/crypto speak for it.
    it.skipIf(SigningAlgorithm === "ED25519_PH_SHA_512")("answers a signature that whoever has the public key can verify", async () => {
      const key = await keyOf(spec);
      const { Signature = new Uint8Array() } = await sign(kms.client, key.id, { SigningAlgorithm, MessageType });
      const publicKey = await publicKeyOf(key.id);
      const { hash, ...options } = optionsOf(SigningAlgorithm);
      expect(verifyOffline(hash, Message, { key: publicKey, ...options }, Signature)).toBe(true);
      expect(verifyOffline(hash, Buffer.from("attack at noon"), { key: publicKey, ...options }, Signature)).toBe(false);
    });
  });

  describe.each(SIGNING.filter(([, algorithm]) => /_SHA_(256|384|512)$/.test(algorithm) && !algorithm.startsWith("ED25519")))(
    "asked to sign a digest with a key of %s by %s",
    (spec, SigningAlgorithm) => {
      it("does not hash it again: the signature is that of the message", async () => {
        const key = await keyOf(spec);
        const { hash, ...options } = optionsOf(SigningAlgorithm);
        const digest = createHash(hash ?? "")
          .update(Message)
          .digest();
        const { Signature = new Uint8Array() } = await sign(kms.client, key.id, {
          Message: digest,
          MessageType: "DIGEST",
          SigningAlgorithm,
        });
        expect(verifyOffline(hash, Message, { key: await publicKeyOf(key.id), ...options }, Signature)).toBe(true);
        expect((await kms.client.send(new VerifyCommand({ KeyId: key.id, Message, SigningAlgorithm, Signature }))).SignatureValid).toBe(
          true,
        );
      });

      it("refuses one of another length", async () => {
        const key = await keyOf(spec);
        for (const length of [1, 20, 65]) {
          const digest = { Message: Buffer.alloc(length), MessageType: "DIGEST" } as const;
          expect(await kms.refused(sign(kms.client, key.id, { ...digest, SigningAlgorithm }))).toBe(
            `ValidationException: Digest is invalid length for algorithm ${SigningAlgorithm}.`,
          );
        }
      });
    },
  );

  it.each(["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"] as const)("signs what %s makes of a message outside", async (spec) => {
    const key = await keyOf(spec);
    const publicKey = await publicKeyOf(key.id);
    const mu = muOf(publicKey, Message);
    const algorithm = { SigningAlgorithm: "ML_DSA_SHAKE_256" } as const;
    const { Signature = new Uint8Array() } = await sign(kms.client, key.id, { Message: mu, MessageType: "EXTERNAL_MU", ...algorithm });
    expect(verifyOffline(null, Message, publicKey, Signature)).toBe(true);
    for (const signed of [{ Message }, { Message: mu, MessageType: "EXTERNAL_MU" } as const])
      expect((await kms.client.send(new VerifyCommand({ KeyId: key.id, ...signed, ...algorithm, Signature }))).SignatureValid).toBe(true);
    expect(await kms.refused(sign(kms.client, key.id, { Message: mu.subarray(1), MessageType: "EXTERNAL_MU", ...algorithm }))).toBe(
      "ValidationException: Digest is invalid length for algorithm ML_DSA_SHAKE_256.",
    );
  });

  it.each<[KeySpec, SigningAlgorithmSpec, "RAW" | "DIGEST" | "EXTERNAL_MU"]>([
    ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST"],
    ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "EXTERNAL_MU"],
    ["ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "RAW"],
    ["ML_DSA_44", "ML_DSA_SHAKE_256", "DIGEST"],
    ["ECC_NIST_P521", "ECDSA_SHA_512", "EXTERNAL_MU"],
    ["RSA_2048", "RSASSA_PSS_SHA_512", "EXTERNAL_MU"],
  ])("with a key of %s by %s takes no %s", async (spec, SigningAlgorithm, MessageType) => {
    const key = await keyOf(spec);
    expect(await kms.refused(sign(kms.client, key.id, { SigningAlgorithm, MessageType }))).toBe(
      `ValidationException: MessageType ${MessageType} is not valid for algorithm ${SigningAlgorithm}.`,
    );
  });

  it.each<[KeySpec, SigningAlgorithmSpec]>([
    ["ECC_NIST_P256", "ECDSA_SHA_384"],
    ["ECC_NIST_P521", "ECDSA_SHA_256"],
    ["ECC_NIST_P256", "RSASSA_PSS_SHA_256"],
    ["ECC_NIST_P256", "SM2DSA"],
    ["ECC_NIST_EDWARDS25519", "ECDSA_SHA_256"],
    ["ML_DSA_44", "ED25519_SHA_512"],
  ])("with a key of %s refuses %s, before it looks at the digest", async (spec, SigningAlgorithm) => {
    const key = await keyOf(spec);
    const digest = { Message: Buffer.alloc(1), MessageType: "DIGEST" } as const;
    expect(await kms.refused(sign(kms.client, key.id, { ...digest, SigningAlgorithm }))).toBe(
      `InvalidKeyUsageException: Algorithm ${SigningAlgorithm} is incompatible with key spec ${spec}.`,
    );
  });

  it.each([
    ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
    ["ECC_NIST_P256", "KEY_AGREEMENT"],
  ] as const)("refuses a key of %s for %s", async (spec, KeyUsage) => {
    const key = await kms.key({ KeySpec: spec, KeyUsage });
    expect(await kms.refused(sign(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is ${KeyUsage} which is not valid for Sign.`,
    );
  });

  it("leaves a record with the algorithm, and without message and signature", async () => {
    const key = await kms.key();
    expect(await kms.told(await sign(kms.client, key.arn))).toEqual({
      event: "Sign",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, messageType: "RAW", signingAlgorithm: "ECDSA_SHA_256" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("takes a message of up to 4,096 bytes", async () => {
    const key = await kms.key();
    expect((await sign(kms.client, key.id, { Message: Buffer.alloc(4096) })).KeyId).toBe(key.arn);
    for (const [length, rule] of [
      [0, "greater than or equal to 1"],
      [4097, "less than or equal to 4096"],
    ] as const)
      expect(await kms.refused(sign(kms.client, key.id, { Message: Buffer.alloc(length, "A") }))).toBe(
        `ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length ${rule}`,
      );
  });

  itTakesEveryIdentifier(kms, "kms:Sign", sign);
  itFollowsKeyStates(kms, sign, cryptographic);
  itNeedsPermission(kms, "kms:Sign", sign);
  itWorksAcrossAccounts(kms, "kms:Sign", sign);
  itMeansItsOwnAccount(kms, sign);
  itCanBeTried(kms, "kms:Sign", sign);
  itRequires(kms, "message", (client) => client.send(new SignCommand({ KeyId: "alias/any", SigningAlgorithm: "ECDSA_SHA_256" } as never)));
  itRequires(kms, "signingAlgorithm", (client) => client.send(new SignCommand({ KeyId: "alias/any", Message } as never)));
});

/** FIPS 204, algorithm 7, lines 1 and 6, with an empty context. */
function muOf(publicKey: KeyObject, message: Uint8Array): Buffer {
  const raw = Buffer.from(publicKey.export({ format: "jwk" })["pub"] as string, "base64url");
  const shake = (...parts: Uint8Array[]) => createHash("shake256", { outputLength: 64 }).update(Buffer.concat(parts)).digest();
  return shake(shake(raw), Buffer.of(0, 0), message);
}
