import { DecryptCommand, EncryptCommand, type EncryptCommandInput, type KeySpec, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { OAEPS } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms, type TestKey } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Plaintext = Buffer.from("attack at dawn");
const encrypt = (client: KMSClient, KeyId: string, rest: Partial<EncryptCommandInput> = {}) =>
  client.send(new EncryptCommand({ KeyId, Plaintext, ...rest }));

describe("Encrypt", () => {
  const kms = startKms();
  const made = new Map<KeySpec, Promise<TestKey>>();
  const rsaKey = (of: KeySpec): Promise<TestKey> => {
    const key = made.get(of) ?? kms.key({ KeySpec: of, KeyUsage: "ENCRYPT_DECRYPT" });
    made.set(of, key);
    return key;
  };

  it("answers a ciphertext, the key's ARN and the algorithm", async () => {
    const key = await kms.key();
    const answer = await encrypt(kms.client, key.id);
    expect(members(answer)).toEqual({ CiphertextBlob: expect.any(Uint8Array), KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    expect(Buffer.from(answer.CiphertextBlob ?? []).includes(Plaintext)).toBe(false);
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it("answers another ciphertext each time", async () => {
    const key = await kms.key();
    const [one, two] = [await encrypt(kms.client, key.id), await encrypt(kms.client, key.id)];
    expect(one.CiphertextBlob).not.toEqual(two.CiphertextBlob);
  });

  it("leaves a record with the encryption context and without the plaintext", async () => {
    const key = await kms.key();
    const answer = await encrypt(kms.client, key.arn, { EncryptionContext: { purpose: "orders", __proto__x: "1" } });
    expect(await kms.told(answer)).toEqual({
      event: "Encrypt",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, encryptionContext: { purpose: "orders", __proto__x: "1" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
      resources: [key.arn],
      readOnly: true,
      materials: [key.material],
      intents: [],
      changes: [],
    });
  });

  it.each([1, 4096])("takes %i bytes of plaintext", async (length) => {
    const key = await kms.key();
    const { CiphertextBlob = new Uint8Array() } = await encrypt(kms.client, key.id, { Plaintext: Buffer.alloc(length, 7) });
    expect(CiphertextBlob.length).toBeLessThanOrEqual(6144);
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.alloc(length, 7));
  });

  it.each([
    [0, "greater than or equal to 1"],
    [4097, "less than or equal to 4096"],
  ])("refuses %i bytes of plaintext, without showing them", async (length, rule) => {
    const key = await kms.key();
    expect(await kms.refused(encrypt(kms.client, key.id, { Plaintext: Buffer.alloc(length, "A") }))).toBe(
      `ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length ${rule}`,
    );
  });

  it("names every broken constraint in one message, and checks them before it looks for the key", async () => {
    const Plaintext = Buffer.alloc(0);
    expect(await kms.refused(encrypt(kms.client, "", { Plaintext, EncryptionAlgorithm: "ROT13" as never }))).toBe(
      "ValidationException: 3 validation errors detected: " +
        "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: " +
        "Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE]",
    );
  });

  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"] as const)(
    "refuses %s, which is not an algorithm of the key",
    async (algorithm) => {
      const key = await kms.key();
      expect(await kms.refused(encrypt(kms.client, key.id, { EncryptionAlgorithm: algorithm }))).toBe(
        `InvalidKeyUsageException: Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
      );
    },
  );

  it("takes an encryption context of 8,192 bytes, and refuses a larger one", async () => {
    const key = await kms.key();
    // Two bytes for the number of pairs, and two before each name and value.
    const EncryptionContext = { name: "ä".repeat(4091) };
    expect((await encrypt(kms.client, key.id, { EncryptionContext })).KeyId).toBe(key.arn);
    const larger = { name: `${EncryptionContext.name}!` };
    const { said, told } = await kms.refusal(encrypt(kms.client, key.id, { EncryptionContext: larger }));
    expect(said).toBe("ValidationException: The encryption context is larger than 8192 bytes.");
    expect(told).toMatchObject({ error: said, resources: [key.arn] });
  });

  it("refuses a grant token that stands for no grant", async () => {
    const key = await kms.key();
    expect((await encrypt(kms.client, key.id, { GrantTokens: [] })).KeyId).toBe(key.arn);
    expect(await kms.refused(encrypt(kms.client, key.id, { GrantTokens: ["AQpAM2RhZTk1"] }))).toBe("InvalidGrantTokenException");
  });

  it("looks at permission before it looks at the state: a stranger does not learn it", async () => {
    const [key, user] = [await kms.keyIn("Disabled"), await kms.someone()];
    expect(await kms.refused(encrypt(user.client, key.id))).toMatch(/^AccessDeniedException: /);
  });

  describe.each(OAEPS)("with a key of %s by %s", (KeySpec, EncryptionAlgorithm, most) => {
    it(`encrypts up to ${most} bytes to a block of the key's size, as Decrypt and whoever else has the key reads it`, async () => {
      const key = await rsaKey(KeySpec);
      for (const length of [1, most]) {
        const answer = await encrypt(kms.client, key.id, { Plaintext: Buffer.alloc(length, 7), EncryptionAlgorithm });
        expect(members(answer)).toEqual({ CiphertextBlob: expect.any(Uint8Array), KeyId: key.arn, EncryptionAlgorithm });
        expect(answer.CiphertextBlob?.length).toBe(Number(KeySpec.slice("RSA_".length)) / 8);
        const { CiphertextBlob } = answer;
        const opened = await kms.client.send(new DecryptCommand({ KeyId: key.id, CiphertextBlob, EncryptionAlgorithm }));
        expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.alloc(length, 7));
      }
    });

    it("refuses one byte more", async () => {
      const key = await rsaKey(KeySpec);
      expect(await kms.refused(encrypt(kms.client, key.id, { Plaintext: Buffer.alloc(most + 1), EncryptionAlgorithm }))).toBe(
        `ValidationException: Algorithm ${EncryptionAlgorithm} and key spec ${KeySpec} cannot encrypt data larger than ${most} bytes.`,
      );
    });
  });

  it("with an RSA key takes neither SYMMETRIC_DEFAULT nor an encryption context", async () => {
    const key = await rsaKey("RSA_2048");
    expect(await kms.refused(encrypt(kms.client, key.id))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
    const context = { EncryptionAlgorithm: "RSAES_OAEP_SHA_256", EncryptionContext: { purpose: "orders" } } as const;
    expect(await kms.refused(encrypt(kms.client, key.id, context))).toBe(
      "ValidationException: An encryption context is valid for symmetric encryption keys only.",
    );
  });

  it.each([
    ["RSA_2048", "SIGN_VERIFY"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
    ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE"],
  ] as const)("refuses a key of %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(encrypt(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is ${KeyUsage} which is not valid for Encrypt.`,
    );
  });

  itTakesEveryIdentifier(kms, "kms:Encrypt", encrypt);
  itFollowsKeyStates(kms, encrypt, cryptographic);
  itNeedsPermission(kms, "kms:Encrypt", encrypt);
  itWorksAcrossAccounts(kms, "kms:Encrypt", encrypt);
  itMeansItsOwnAccount(kms, encrypt);
  itCanBeTried(kms, "kms:Encrypt", encrypt);
  itRequires(kms, "keyId", (client) => client.send(new EncryptCommand({ Plaintext } as never)));
  itRequires(kms, "plaintext", (client) => client.send(new EncryptCommand({ KeyId: "alias/any" } as never)));
});
