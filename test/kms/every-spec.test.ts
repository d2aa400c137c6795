/** Every spec of keys, for everything that it may be used for, by every algorithm: what works, also outside of KMS, and what is refused. */
import { createHash } from "node:crypto";
import {
  CreateKeyCommand,
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  type MacAlgorithmSpec,
  type MessageType,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { ml_kem512, ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { keysOf, MATRIX, ofUsage } from "./every-spec-matrix.ts";
import { startPeer, withoutPeer } from "./every-spec-peer.ts";
import { members, startKms, type TestKey } from "./start.ts";

const MESSAGE = Buffer.from("attack at dawn");
const ML_KEMS = { ML_KEM_512: ml_kem512, ML_KEM_768: ml_kem768, ML_KEM_1024: ml_kem1024 };
const NOON = Buffer.from("attack at noon");
const EncryptionContext = { purpose: "orders", ключ: "значение", empty: "" };

/** The ways in which an algorithm takes what it signs, with the length that it must have; 0 for any. */
function messagesOf(algorithm: SigningAlgorithmSpec): readonly (readonly [MessageType, length: number])[] {
  if (algorithm === "ML_DSA_SHAKE_256")
    return [
      ["RAW", 0],
      ["EXTERNAL_MU", 64],
    ];
  if (algorithm === "ED25519_SHA_512") return [["RAW", 0]];
  if (algorithm === "ED25519_PH_SHA_512") return [["DIGEST", 64]];
  return [
    ["RAW", 0],
    ["DIGEST", Number(algorithm.slice(-3)) / 8],
  ];
}

describe("a key", { timeout: 60_000 }, () => {
  const kms = startKms();
  const peer = startPeer();
  const keyOf = keysOf(kms);
  const publicKeyOf = async ({ id }: TestKey) =>
    Buffer.from((await kms.client.send(new GetPublicKeyCommand({ KeyId: id }))).PublicKey ?? []);
  /** The material of a key, which KMS shows nobody. */
  async function materialOf({ id }: TestKey): Promise<Buffer> {
    const { keys, materials } = await kms.host.region(HOME);
    const key = await keys.get(id);
    const secret = key && (await materials.open(key));
    if (!secret) throw new Error("There is no such key.");
    return secret.key.export();
  }
  const altered = (bytes: Uint8Array = new Uint8Array()): Uint8Array =>
    bytes.map((byte, at) => (at === bytes.length - 3 ? byte ^ 1 : byte));

  it.each(MATRIX.filter(({ algorithms }) => algorithms.length === 0))("of $spec is not made for $usage", async ({ spec, usage }) => {
    expect(await kms.refused(kms.client.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: usage })))).toBe(
      `ValidationException: KeyUsage ${usage} is not compatible with KeySpec ${spec}`,
    );
  });

  describe.each(ofUsage("ENCRYPT_DECRYPT"))("of $spec, by $algorithm", ({ spec, algorithm: EncryptionAlgorithm }) => {
    const symmetric = spec === "SYMMETRIC_DEFAULT";
    const context = symmetric ? { EncryptionContext } : {};
    const encrypt = (KeyId: string) => kms.client.send(new EncryptCommand({ KeyId, EncryptionAlgorithm, Plaintext: MESSAGE, ...context }));
    const decrypt = (KeyId: string, CiphertextBlob: Uint8Array | undefined) =>
      kms.client.send(new DecryptCommand({ KeyId, EncryptionAlgorithm, CiphertextBlob, ...context }));

    it("decrypts what it encrypts, and nothing that was altered", async () => {
      const key = await keyOf(spec, "ENCRYPT_DECRYPT");
      const encrypted = await encrypt(key.id);
      expect(members(encrypted)).toEqual({ CiphertextBlob: expect.any(Uint8Array), KeyId: key.arn, EncryptionAlgorithm });
      const told = symmetric ? { KeyMaterialId: key.material } : {};
      const decrypted = members(await decrypt(key.id, encrypted.CiphertextBlob));
      expect(decrypted).toEqual({ Plaintext: new Uint8Array(MESSAGE), KeyId: key.arn, EncryptionAlgorithm, ...told });
      expect(await kms.refused(decrypt(key.id, altered(encrypted.CiphertextBlob)))).toBe("InvalidCiphertextException");
    });

    it.skipIf(withoutPeer)("has a format that Python knows, too", async () => {
      const key = await keyOf(spec, "ENCRYPT_DECRYPT");
      if (symmetric) {
        const { CiphertextBlob: blob = new Uint8Array() } = await encrypt(key.id);
        const opened = await peer.ask({ do: "open", key: await materialOf(key), blob, context: EncryptionContext });
        expect(opened?.plaintext).toEqual(MESSAGE);
      } else {
        const asked = { do: "encrypt", algorithm: EncryptionAlgorithm, publicKey: await publicKeyOf(key), plaintext: MESSAGE };
        expect(Buffer.from((await decrypt(key.id, (await peer.ask(asked))?.ciphertext)).Plaintext ?? [])).toEqual(MESSAGE);
      }
    });
  });

  describe.each(ofUsage("SIGN_VERIFY"))("of $spec, by $algorithm", ({ spec, algorithm: SigningAlgorithm }) => {
    const sign = (KeyId: string, MessageType: MessageType, Message: Uint8Array) =>
      kms.client.send(new SignCommand({ KeyId, SigningAlgorithm, MessageType, Message }));
    const verify = (KeyId: string, MessageType: MessageType, Message: Uint8Array, Signature: Uint8Array | undefined) =>
      kms.client.send(new VerifyCommand({ KeyId, SigningAlgorithm, MessageType, Message, Signature }));

    it.each(messagesOf(SigningAlgorithm))("verifies what it signs as %s, and nothing else", async (type, length) => {
      const key = await keyOf(spec, "SIGN_VERIFY");
      const [message, another] = length === 0 ? [MESSAGE, NOON] : [Buffer.alloc(length, 1), Buffer.alloc(length, 2)];
      const signed = await sign(key.id, type, message);
      expect(members(signed)).toEqual({ KeyId: key.arn, Signature: expect.any(Uint8Array), SigningAlgorithm });
      const verified = members(await verify(key.id, type, message, signed.Signature));
      expect(verified).toEqual({ KeyId: key.arn, SignatureValid: true, SigningAlgorithm });
      expect(await kms.refused(verify(key.id, type, another, signed.Signature))).toBe("KMSInvalidSignatureException");
      expect(await kms.refused(verify(key.id, type, message, altered(signed.Signature)))).toBe("KMSInvalidSignatureException");
    });

    it.each(messagesOf(SigningAlgorithm).filter(([, length]) => length > 0))(
      "takes a %s of %i bytes, and of no other length",
      async (type, length) => {
        const key = await keyOf(spec, "SIGN_VERIFY");
        for (const wrong of [1, 20, length - 1, length + 1, 128]) {
          const refusal = `ValidationException: Digest is invalid length for algorithm ${SigningAlgorithm}.`;
          expect(await kms.refused(sign(key.id, type, Buffer.alloc(wrong)))).toBe(refusal);
          expect(await kms.refused(verify(key.id, type, Buffer.alloc(wrong), MESSAGE))).toBe(refusal);
        }
      },
    );

    it("takes what it signs in no other way", async () => {
      const key = await keyOf(spec, "SIGN_VERIFY");
      const types = messagesOf(SigningAlgorithm).map(([type]) => type);
      for (const type of (["RAW", "DIGEST", "EXTERNAL_MU"] as const).filter((each) => !types.includes(each))) {
        const refusal = `ValidationException: MessageType ${type} is not valid for algorithm ${SigningAlgorithm}.`;
        expect(await kms.refused(sign(key.id, type, Buffer.alloc(64)))).toBe(refusal);
        expect(await kms.refused(verify(key.id, type, Buffer.alloc(64), MESSAGE))).toBe(refusal);
      }
    });

    it.skipIf(withoutPeer)("signs what Python verifies, of a message and of its digest", async () => {
      const key = await keyOf(spec, "SIGN_VERIFY");
      for (const [type, length] of messagesOf(SigningAlgorithm)) {
        if (type === "EXTERNAL_MU") continue;
        // Ed25519ph hashes the digest that it is handed, as its message.
        const message = SigningAlgorithm === "ED25519_PH_SHA_512" ? Buffer.alloc(64, 1) : MESSAGE;
        const hashed =
          length > 0 && message === MESSAGE
            ? createHash(`sha${length * 8}`)
                .update(MESSAGE)
                .digest()
            : message;
        const { Signature: signature = new Uint8Array() } = await sign(key.id, type, hashed);
        const asked = { do: "verify", algorithm: SigningAlgorithm, publicKey: await publicKeyOf(key), signature };
        const answer = await peer.ask({ ...asked, message });
        if (!answer) return;
        expect(answer).toEqual({ valid: true });
        expect(await peer.ask({ ...asked, message: NOON })).toEqual({ valid: false });
      }
    });
  });

  describe.each(ofUsage("GENERATE_VERIFY_MAC"))("of $spec, by $algorithm", ({ spec, algorithm }) => {
    const MacAlgorithm: MacAlgorithmSpec = algorithm;

    it("verifies the MAC that it generates, and no other, and Python generates the same", async () => {
      const key = await keyOf(spec, "GENERATE_VERIFY_MAC");
      const generated = await kms.client.send(new GenerateMacCommand({ KeyId: key.id, Message: MESSAGE, MacAlgorithm }));
      expect(members(generated)).toEqual({ KeyId: key.arn, Mac: expect.any(Uint8Array), MacAlgorithm });
      const verify = (Message: Uint8Array, Mac: Uint8Array | undefined) =>
        kms.client.send(new VerifyMacCommand({ KeyId: key.id, Message, MacAlgorithm, Mac }));
      expect(members(await verify(MESSAGE, generated.Mac))).toEqual({ KeyId: key.arn, MacValid: true, MacAlgorithm });
      for (const [message, mac] of [
        [NOON, generated.Mac],
        [MESSAGE, altered(generated.Mac)],
        [MESSAGE, generated.Mac?.subarray(1)],
      ] as const)
        expect(await kms.refused(verify(message, mac))).toBe("KMSInvalidMacException");
      if (withoutPeer) return;
      const asked = { do: "mac", algorithm, key: await materialOf(key), message: MESSAGE };
      expect((await peer.ask(asked))?.mac).toEqual(Buffer.from(generated.Mac ?? []));
    });
  });

  describe.each(ofUsage("KEY_AGREEMENT"))("of $spec, by $algorithm", ({ spec, algorithm: KeyAgreementAlgorithm }) => {
    const derive = (KeyId: string, PublicKey: Uint8Array | undefined) =>
      kms.client.send(new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm, PublicKey }));

    it("comes to the secret that its counterpart comes to, in KMS or in Python", async () => {
      const [key, other] = [await keyOf(spec, "KEY_AGREEMENT"), await kms.key({ KeySpec: spec, KeyUsage: "KEY_AGREEMENT" })];
      const derived = members(await derive(key.id, await publicKeyOf(other)));
      expect(derived).toEqual({ KeyId: key.arn, SharedSecret: expect.any(Uint8Array), KeyAgreementAlgorithm, KeyOrigin: "AWS_KMS" });
      expect((await derive(other.id, await publicKeyOf(key))).SharedSecret).toEqual(derived.SharedSecret);
      if (withoutPeer) return;
      const theirs = await peer.ask({ do: "agree", publicKey: await publicKeyOf(key) });
      expect(Buffer.from((await derive(key.id, theirs?.publicKey)).SharedSecret ?? [])).toEqual(theirs?.secret);
    });

    it("agrees with no key of another spec", async () => {
      const key = await keyOf(spec, "KEY_AGREEMENT");
      for (const { spec: another } of ofUsage("KEY_AGREEMENT").filter((each) => each.spec !== spec))
        expect(await kms.refused(derive(key.id, await publicKeyOf(await keyOf(another, "KEY_AGREEMENT"))))).toBe("ValidationException");
    });
  });

  describe.each(ofUsage("ENCAPSULATE_DECAPSULATE"))("of $spec, by $algorithm", ({ spec, algorithm: EncapsulationAlgorithm }) => {
    const decapsulate = (KeyId: string, SharedSecretCiphertextBlob: Uint8Array | undefined) =>
      kms.client.send(new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob }));

    it("decapsulates what was encapsulated for it, by KMS or by another implementation", async () => {
      const key = await keyOf(spec, "ENCAPSULATE_DECAPSULATE");
      const made = await kms.client.send(new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm }));
      const decapsulated = members(await decapsulate(key.id, made.SharedSecretCiphertextBlob));
      expect(decapsulated).toEqual({ KeyId: key.arn, SharedSecret: made.SharedSecret, EncapsulationAlgorithm });

      const kem = ML_KEMS[spec as keyof typeof ML_KEMS];
      // The end of the SubjectPublicKeyInfo is the key itself.
      const theirs = kem.encapsulate((await publicKeyOf(key)).subarray(-(kem.lengths.publicKey ?? 0)));
      expect((await decapsulate(key.id, theirs.cipherText)).SharedSecret).toEqual(theirs.sharedSecret);
    });

    it("refuses what is not of its length, and answers to what was altered some other secret", async () => {
      const key = await keyOf(spec, "ENCAPSULATE_DECAPSULATE");
      const made = await kms.client.send(new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm }));
      const blob = made.SharedSecretCiphertextBlob ?? new Uint8Array();
      for (const wrong of [blob.subarray(1), Buffer.concat([blob, Buffer.of(0)])])
        expect(await kms.refused(decapsulate(key.id, wrong))).toBe("InvalidCiphertextException");
      expect((await decapsulate(key.id, altered(blob))).SharedSecret).not.toEqual(made.SharedSecret);
    });
  });
});
