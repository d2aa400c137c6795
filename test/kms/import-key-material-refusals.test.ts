import { DescribeKeyCommand, ImportKeyMaterialCommand, type ImportKeyMaterialCommandInput } from "@aws-sdk/client-kms";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { EXTERNAL, FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "./imported.ts";
import { startKms, type TestKey } from "./start.ts";

const DAY = 86_400_000;
const NEW = { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" } as const;

describe("ImportKeyMaterial refuses", () => {
  const kms = startKms(EXTERNAL);
  const inDays = (days: number) => new Date(kms.now().getTime() + days * DAY);
  /** With no token at all. */
  const call = ({ id: KeyId }: TestKey) =>
    kms.client.send(
      new ImportKeyMaterialCommand({ KeyId, ImportToken: Buffer.alloc(57), EncryptedKeyMaterial: Buffer.alloc(256), ...FOR_EVER }),
    );

  let key: TestKey;
  beforeAll(async () => {
    key = await kms.key();
  });
  const importing = (options: Partial<ImportKeyMaterialCommandInput>, bytes = newMaterial("SYMMETRIC_DEFAULT")) =>
    kms.refused(importInto(kms.client, key.id, bytes, options));

  it("an expiration without its date, and a date without expiration", async () => {
    const missing = "ValidationException: A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES";
    expect(await importing({})).toBe(missing);
    expect(await importing({ ExpirationModel: "KEY_MATERIAL_EXPIRES" })).toBe(missing);
    expect(await importing({ ...FOR_EVER, ValidTo: inDays(1) })).toBe(
      "ValidationException: A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
    );
  });

  it("a date that is past, or more than a year away", async () => {
    expect(await importing({ ValidTo: kms.now() })).toBe("ValidationException: The validTo date must be in the future");
    expect(await importing({ ValidTo: inDays(366) })).toBe("ValidationException: The validTo date must be within 365 days");
    expect(
      await kms.told(await importInto(kms.client, (await kms.key()).id, newMaterial("HMAC_256"), { ValidTo: inDays(365) })),
    ).toMatchObject({ event: "ImportKeyMaterial" });
  });

  it.each([16, 31, 33, 64])("%i bytes for a symmetric encryption key", async (length) => {
    expect(await importing(FOR_EVER, Buffer.alloc(length, 1))).toBe(
      `IncorrectKeyMaterialException: The key material is not valid for key spec SYMMETRIC_DEFAULT of the key ${key.arn}.`,
    );
  });

  it("a contradiction, and what only a symmetric encryption key takes", async () => {
    expect(await importing({ ...NEW, KeyMaterialId: "0".repeat(64) })).toBe(
      "ValidationException: KeyMaterialId must not be set if the ImportType is NEW_KEY_MATERIAL",
    );
    const hmac = await kms.key({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    for (const option of [{ ImportType: "NEW_KEY_MATERIAL" }, { KeyMaterialDescription: "a" }, { KeyMaterialId: "0".repeat(64) }] as const)
      expect(await kms.refused(importInto(kms.client, hmac.id, newMaterial("HMAC_256"), { ...FOR_EVER, ...option }))).toBe(
        "UnsupportedOperationException: ImportType, KeyMaterialId and KeyMaterialDescription are valid for symmetric encryption keys only.",
      );
  });

  it("HMAC material that is shorter than its spec, or longer than 128 bytes", async () => {
    const hmac = await kms.key({ KeySpec: "HMAC_384", KeyUsage: "GENERATE_VERIFY_MAC" });
    const refusal = `IncorrectKeyMaterialException: The key material is not valid for key spec HMAC_384 of the key ${hmac.arn}.`;
    for (const length of [47, 129]) expect(await kms.refused(importInto(kms.client, hmac.id, Buffer.alloc(length, 1)))).toBe(refusal);
    expect((await importInto(kms.client, hmac.id, Buffer.alloc(128, 1))).KeyId).toBe(hmac.arn);
  });

  it.each([["ECC_NIST_P384"], ["RSA_2048"], ["ECC_NIST_EDWARDS25519"], ["HMAC_512"]] as const)(
    "material of %s for a key of ECC_NIST_P256",
    async (spec) => {
      const pair = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
      expect(await kms.refused(importInto(kms.client, pair.id, newMaterial(spec)))).toBe(
        `IncorrectKeyMaterialException: The key material is not valid for key spec ECC_NIST_P256 of the key ${pair.arn}.`,
      );
    },
  );

  it("a token of another key, and what is none", async () => {
    const parameters = await parametersFor(kms.client, (await kms.key()).id);
    const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", newMaterial("SYMMETRIC_DEFAULT"));
    for (const ImportToken of [parameters.ImportToken, Buffer.from("no token"), Buffer.alloc(57)]) {
      const input = { KeyId: key.id, ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
      expect(await kms.refused(kms.client.send(new ImportKeyMaterialCommand(input)))).toBe("InvalidImportTokenException");
    }
  });

  it("material that was wrapped under another key, or in another way than was asked for", async () => {
    const [asked, other] = [await parametersFor(kms.client, key.id), await parametersFor(kms.client, key.id)];
    const bytes = newMaterial("SYMMETRIC_DEFAULT");
    const ways = [
      wrapped(other, "RSAES_OAEP_SHA_256", bytes),
      wrapped(asked, "RSAES_OAEP_SHA_1", bytes),
      wrapped(asked, "RSA_AES_KEY_WRAP_SHA_256", bytes),
      bytes,
    ];
    for (const EncryptedKeyMaterial of ways) {
      const input = { KeyId: key.id, ImportToken: asked.ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
      expect(await kms.refused(kms.client.send(new ImportKeyMaterialCommand(input)))).toBe("InvalidCiphertextException");
    }
  });

  it("a key whose material KMS made, in whatever state, and one that is pending deletion", async () => {
    const own = await kms.key({ Origin: "AWS_KMS" });
    const refusal = `UnsupportedOperationException: ${own.arn} origin is AWS_KMS which is not valid for this operation.`;
    expect(await kms.refused(call(own))).toBe(refusal);
    await kms.schedule(own.id);
    expect(await kms.refused(call(own))).toBe(refusal);
    const doomed = await kms.keyIn("PendingDeletion");
    expect(await kms.refused(call(doomed))).toBe(`KMSInvalidStateException: ${doomed.arn} is pending deletion.`);
  });

  it.each(["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"] as const)(
    "any flipped bit of a token, and of material wrapped by %s",
    async (algorithm) => {
      const parameters = await parametersFor(kms.client, key.id, algorithm);
      const { ImportToken = new Uint8Array() } = parameters;
      const EncryptedKeyMaterial = wrapped(parameters, algorithm, newMaterial("SYMMETRIC_DEFAULT"));
      const flipped = (bytes: Uint8Array, bit: number): Buffer => {
        const other = Buffer.from(bytes);
        const at = Math.floor(bit / 8) % other.length;
        other[at] = (other[at] ?? 0) ^ (1 << (bit % 8));
        return other;
      };
      const input = { KeyId: key.id, ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (bit) => {
          const token = new ImportKeyMaterialCommand({ ...input, ImportToken: flipped(ImportToken, bit) });
          expect(await kms.refused(kms.client.send(token))).toBe("InvalidImportTokenException");
          const material = new ImportKeyMaterialCommand({ ...input, EncryptedKeyMaterial: flipped(EncryptedKeyMaterial, bit) });
          expect(await kms.refused(kms.client.send(material))).toBe("InvalidCiphertextException");
        }),
        { numRuns: 40 },
      );
      expect((await kms.client.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata?.KeyState).toBe("PendingImport");
    },
  );
});
