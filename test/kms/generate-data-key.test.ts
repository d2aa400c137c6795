import { DecryptCommand, GenerateDataKeyCommand, type GenerateDataKeyCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const generate = (client: KMSClient, KeyId: string, rest: Partial<GenerateDataKeyCommandInput> = {}) =>
  client.send(new GenerateDataKeyCommand({ KeyId, ...(rest.NumberOfBytes === undefined && { KeySpec: "AES_256" }), ...rest }));

describe("GenerateDataKey", () => {
  const kms = startKms();

  it("answers a data key twice, in the clear and encrypted, and what it is encrypted under", async () => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.id);
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      Plaintext: expect.any(Uint8Array),
      KeyId: key.arn,
      KeyMaterialId: key.material,
    });
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob, KeyId: key.id }));
    expect(opened.Plaintext).toEqual(answer.Plaintext);
  });

  it("leaves a record without the data key", async () => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.id, { EncryptionContext: { purpose: "orders" } });
    expect(await kms.told(answer)).toEqual({
      event: "GenerateDataKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, keySpec: "AES_256", encryptionContext: { purpose: "orders" } },
      resources: [key.arn],
      readOnly: true,
      materials: [key.material],
      intents: [],
      changes: [],
    });
  });

  it.each([
    [{ KeySpec: "AES_256" }, 32],
    [{ KeySpec: "AES_128" }, 16],
    [{ NumberOfBytes: 1 }, 1],
    [{ NumberOfBytes: 64 }, 64],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const)("asked for %o makes %i bytes, other ones each time", async (length, bytes) => {
    const key = await kms.key();
    const [one, two] = [await generate(kms.client, key.id, length), await generate(kms.client, key.id, length)];
    expect([one.Plaintext?.length, two.Plaintext?.length]).toEqual([bytes, bytes]);
    if (bytes > 8) expect(one.Plaintext).not.toEqual(two.Plaintext);
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob: one.CiphertextBlob }))).Plaintext).toEqual(one.Plaintext);
  });

  it.each([
    ["neither", {}],
    ["both", { KeySpec: "AES_256", NumberOfBytes: 32 }],
  ] as const)("takes exactly one of KeySpec and NumberOfBytes, not %s", async (_, length) => {
    const key = await kms.key();
    expect(await kms.refused(kms.client.send(new GenerateDataKeyCommand({ KeyId: key.id, ...length })))).toBe(
      "ValidationException: Please specify either number of bytes or key spec.",
    );
  });

  it.each([
    [0, "greater than or equal to 1"],
    [1025, "less than or equal to 1024"],
  ])("refuses %i bytes", async (NumberOfBytes, rule) => {
    const key = await kms.key();
    expect(await kms.refused(generate(kms.client, key.id, { NumberOfBytes }))).toBe(
      `ValidationException: 1 validation error detected: Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  it("refuses a key spec that is none of a data key's", async () => {
    const key = await kms.key();
    expect(await kms.refused(generate(kms.client, key.id, { KeySpec: "RSA_2048" as never }))).toBe(
      "ValidationException: 1 validation error detected: Value 'RSA_2048' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
    );
  });

  it("binds the data key to the encryption context", async () => {
    const key = await kms.key();
    const { CiphertextBlob } = await generate(kms.client, key.id, { EncryptionContext: { purpose: "orders" } });
    expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe("InvalidCiphertextException");
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { purpose: "orders" } }));
    expect(opened.KeyId).toBe(key.arn);
  });

  it("refuses an encryption context of more than 8,192 bytes", async () => {
    const key = await kms.key();
    const refused = await kms.refused(generate(kms.client, key.id, { EncryptionContext: { name: "x".repeat(8183) } }));
    expect(refused).toBe("ValidationException: The encryption context is larger than 8192 bytes.");
  });

  it("takes no Recipient in this version", async () => {
    const Recipient = { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256", AttestationDocument: Buffer.from("document") } as const;
    expect(await kms.refused(generate(kms.client, "alias/any", { Recipient }))).toBe(
      "UnsupportedOperationException: Recipient is not available in this version.",
    );
  });

  it("refuses a key that is not for symmetric encryption", async () => {
    const [signs, rsa] = [
      { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
      { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" },
    ] as const;
    const key = await kms.key(signs);
    expect(await kms.refused(generate(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is SIGN_VERIFY which is not valid for GenerateDataKey.`,
    );
    expect(await kms.refused(generate(kms.client, (await kms.key(rsa)).id))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
  });

  it("refuses a grant token that stands for no grant", async () => {
    const key = await kms.key();
    expect(await kms.refused(generate(kms.client, key.id, { GrantTokens: ["AQpAM2RhZTk1"] }))).toBe("InvalidGrantTokenException");
  });

  itTakesEveryIdentifier(kms, "kms:GenerateDataKey", generate);
  itFollowsKeyStates(kms, generate, cryptographic);
  itNeedsPermission(kms, "kms:GenerateDataKey", generate);
  itWorksAcrossAccounts(kms, "kms:GenerateDataKey", generate);
  itCanBeTried(kms, "kms:GenerateDataKey", generate);
  itRequires(kms, "keyId", (client) => client.send(new GenerateDataKeyCommand({ KeySpec: "AES_256" } as never)));
});
