import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  GetPublicKeyCommand,
  type KeySpec,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { OAEPS } from "./kinds.ts";
import { members, startKms, type TestKey } from "./start.ts";

const Plaintext = Buffer.from("attack at dawn");
const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";

describe("Decrypt, with an RSA key,", () => {
  const kms = startKms({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
  const made = new Map<KeySpec, Promise<TestKey>>();
  const keyOf = (KeySpec: KeySpec): Promise<TestKey> => {
    const key = made.get(KeySpec) ?? kms.key({ KeySpec });
    made.set(KeySpec, key);
    return key;
  };
  const decrypt = (input: DecryptCommandInput) => kms.client.send(new DecryptCommand(input));
  const sealed = async (KeyId: string) =>
    (await kms.client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }))).CiphertextBlob as Uint8Array;

  it.each(OAEPS)("of %s by %s reads what was encrypted to the public key outside", async (KeySpec, algorithm, most) => {
    const key = await keyOf(KeySpec);
    const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId: key.id }));
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
    const oaepHash = algorithm === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256";
    const CiphertextBlob = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Buffer.alloc(most, 7));
    const answer = await decrypt({ KeyId: key.id, CiphertextBlob, EncryptionAlgorithm: algorithm });
    expect(members(answer)).toEqual({ Plaintext: expect.any(Uint8Array), KeyId: key.arn, EncryptionAlgorithm: algorithm });
    expect(Buffer.from(answer.Plaintext ?? [])).toEqual(Buffer.alloc(most, 7));
  });

  it("tells the log of no material: it has only one", async () => {
    const key = await keyOf("RSA_2048");
    const told = await kms.told(await decrypt({ KeyId: key.id, CiphertextBlob: await sealed(key.id), EncryptionAlgorithm }));
    expect(told).toMatchObject({ event: "Decrypt", resources: [key.arn], parameters: { encryptionAlgorithm: EncryptionAlgorithm } });
    expect(told.materials).toBeUndefined();
  });

  it("refuses, without a word, what is none of its ciphertexts", async () => {
    const [key, other] = [await keyOf("RSA_2048"), await kms.key()];
    const blob = await sealed(key.id);
    const altered = blob.map((byte, at) => (at === 128 ? byte ^ 1 : byte));
    const blobs = [
      altered,
      blob.subarray(1),
      Buffer.concat([blob, Buffer.of(0)]),
      Buffer.alloc(256),
      Buffer.alloc(256, 0xff),
      await sealed(other.id),
    ];
    for (const CiphertextBlob of blobs)
      expect(await kms.refused(decrypt({ KeyId: key.id, CiphertextBlob, EncryptionAlgorithm }))).toBe("InvalidCiphertextException");
    const sha1 = { KeyId: key.id, CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_1" } as const;
    expect(await kms.refused(decrypt(sha1))).toBe("InvalidCiphertextException");
  });

  it("has to be named, and told the algorithm", async () => {
    const key = await keyOf("RSA_2048");
    const CiphertextBlob = await sealed(key.id);
    expect(await kms.refused(decrypt({ CiphertextBlob, EncryptionAlgorithm }))).toBe(
      "ValidationException: 1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    );
    expect(await kms.refused(decrypt({ KeyId: key.id, CiphertextBlob }))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
    const EncryptionContext = { purpose: "orders" };
    expect(await kms.refused(decrypt({ KeyId: key.id, CiphertextBlob, EncryptionAlgorithm, EncryptionContext }))).toBe(
      "ValidationException: An encryption context is valid for symmetric encryption keys only.",
    );
  });

  it("can be tried", async () => {
    const key = await keyOf("RSA_2048");
    const asked = { KeyId: key.id, CiphertextBlob: await sealed(key.id), EncryptionAlgorithm, DryRun: true } as const;
    expect(await kms.refused(decrypt(asked))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await kms.refused(decrypt({ ...asked, CiphertextBlob: Buffer.alloc(256) }))).toBe("InvalidCiphertextException");
  });

  describe("ReEncrypt", () => {
    const symmetric = { KeySpec: "SYMMETRIC_DEFAULT" } as const;

    it("moves a ciphertext from an RSA key to a symmetric one, and tells of the material of that", async () => {
      const [from, to] = [await keyOf("RSA_2048"), await kms.key(symmetric)];
      const answer = await kms.client.send(
        new ReEncryptCommand({
          CiphertextBlob: await sealed(from.id),
          SourceKeyId: from.id,
          SourceEncryptionAlgorithm: EncryptionAlgorithm,
          DestinationKeyId: to.id,
        }),
      );
      expect(members(answer)).toEqual({
        CiphertextBlob: expect.any(Uint8Array),
        SourceKeyId: from.arn,
        KeyId: to.arn,
        SourceEncryptionAlgorithm: EncryptionAlgorithm,
        DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        DestinationKeyMaterialId: to.material,
      });
      expect((await decrypt({ CiphertextBlob: answer.CiphertextBlob })).Plaintext).toEqual(new Uint8Array(Plaintext));
    });

    it("and back, as long as it fits", async () => {
      const [from, to] = [await kms.key(symmetric), await keyOf("RSA_2048")];
      const reEncrypt = async (length: number) => {
        const input = { KeyId: from.id, Plaintext: Buffer.alloc(length, 7) };
        const { CiphertextBlob } = await kms.client.send(new EncryptCommand(input));
        return kms.client.send(
          new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.id, DestinationEncryptionAlgorithm: EncryptionAlgorithm }),
        );
      };
      const { CiphertextBlob } = await reEncrypt(190);
      expect((await decrypt({ KeyId: to.id, CiphertextBlob, EncryptionAlgorithm })).Plaintext?.length).toBe(190);
      expect(await kms.refused(reEncrypt(191))).toBe(
        `ValidationException: Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than 190 bytes.`,
      );
    });

    it("needs the source named, and for each key an algorithm that it has", async () => {
      const [rsa, to] = [await keyOf("RSA_2048"), await kms.key(symmetric)];
      const input = { CiphertextBlob: await sealed(rsa.id), DestinationKeyId: to.id };
      expect(await kms.refused(kms.client.send(new ReEncryptCommand({ ...input, SourceEncryptionAlgorithm: EncryptionAlgorithm })))).toBe(
        "ValidationException: 1 validation error detected: Value null at 'sourceKeyId' failed to satisfy constraint: Member must not be null",
      );
      expect(await kms.refused(kms.client.send(new ReEncryptCommand({ ...input, SourceKeyId: rsa.id })))).toBe(
        "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
      );
    });
  });
});
