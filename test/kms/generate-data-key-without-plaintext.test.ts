import {
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type GenerateDataKeyWithoutPlaintextCommandInput,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const ACTION = "kms:GenerateDataKeyWithoutPlaintext";
const generate = (client: KMSClient, KeyId: string, rest: Partial<GenerateDataKeyWithoutPlaintextCommandInput> = {}) =>
  client.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId, ...(rest.NumberOfBytes === undefined && { KeySpec: "AES_256" }), ...rest }),
  );

describe("GenerateDataKeyWithoutPlaintext", () => {
  const kms = startKms();

  it("answers a data key encrypted, and never in the clear", async () => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.id);
    expect(members(answer)).toEqual({ CiphertextBlob: expect.any(Uint8Array), KeyId: key.arn, KeyMaterialId: key.material });
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect(opened.Plaintext?.length).toBe(32);
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.id, { NumberOfBytes: 64 });
    expect(await kms.told(answer)).toEqual({
      event: "GenerateDataKeyWithoutPlaintext",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, numberOfBytes: 64, encryptionContext: {} },
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
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const)("asked for %o makes %i bytes", async (length, bytes) => {
    const key = await kms.key();
    const { CiphertextBlob } = await generate(kms.client, key.id, length);
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob }))).Plaintext?.length).toBe(bytes);
  });

  it("makes another data key each time", async () => {
    const key = await kms.key();
    const made = [await generate(kms.client, key.id), await generate(kms.client, key.id)];
    const [one, two] = await Promise.all(made.map(({ CiphertextBlob }) => kms.client.send(new DecryptCommand({ CiphertextBlob }))));
    expect(one?.Plaintext).not.toEqual(two?.Plaintext);
  });

  it.each([
    ["neither", {}],
    ["both", { KeySpec: "AES_256", NumberOfBytes: 32 }],
  ] as const)("takes exactly one of KeySpec and NumberOfBytes, not %s", async (_, length) => {
    const key = await kms.key();
    expect(await kms.refused(kms.client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.id, ...length })))).toBe(
      "ValidationException: Please specify either number of bytes or key spec.",
    );
  });

  it.each([
    [0, "greater than or equal to 1"],
    [1025, "less than or equal to 1024"],
  ])("refuses %i bytes", async (NumberOfBytes, rule) => {
    expect(await kms.refused(generate(kms.client, "alias/any", { NumberOfBytes }))).toBe(
      `ValidationException: 1 validation error detected: Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  it("binds the data key to the encryption context, which may have 8,192 bytes", async () => {
    const key = await kms.key();
    const EncryptionContext = { name: "x".repeat(8182) };
    const { CiphertextBlob } = await generate(kms.client, key.id, { EncryptionContext });
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).KeyId).toBe(key.arn);
    expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe("InvalidCiphertextException");
    expect(await kms.refused(generate(kms.client, key.id, { EncryptionContext: { name: `${EncryptionContext.name}x` } }))).toBe(
      "ValidationException: The encryption context is larger than 8192 bytes.",
    );
  });

  it("has a permission of its own: kms:GenerateDataKey does not do", async () => {
    const [key, user] = [await kms.key(), await kms.someone([allowing("kms:GenerateDataKey")])];
    expect(await kms.refused(generate(user.client, key.id))).toContain(`is not authorized to perform: ${ACTION} on resource: ${key.arn}`);
  });

  it("refuses a key that is not for symmetric encryption", async () => {
    const [signs, rsa] = [
      { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
      { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" },
    ] as const;
    const key = await kms.key(signs);
    expect(await kms.refused(generate(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is SIGN_VERIFY which is not valid for GenerateDataKeyWithoutPlaintext.`,
    );
    expect(await kms.refused(generate(kms.client, (await kms.key(rsa)).id))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
  });

  it("refuses a grant token that stands for no grant", async () => {
    const key = await kms.key();
    expect(await kms.refused(generate(kms.client, key.id, { GrantTokens: ["AQpAM2RhZTk1"] }))).toBe("InvalidGrantTokenException");
  });

  itTakesEveryIdentifier(kms, ACTION, generate);
  itFollowsKeyStates(kms, generate, cryptographic);
  itNeedsPermission(kms, ACTION, generate);
  itWorksAcrossAccounts(kms, ACTION, generate);
  itCanBeTried(kms, ACTION, generate);
  itRequires(kms, "keyId", (client) => client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeySpec: "AES_256" } as never)));
});
