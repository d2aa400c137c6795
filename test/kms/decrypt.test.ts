import { DecryptCommand, type DecryptCommandInput, EncryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { itCanBeTried, WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { itTakesEveryIdentifier } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts, sharedKey } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, OTHER_ACCOUNT, OTHER_REGION, startKms, type TestKey } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Plaintext = Buffer.from("attack at dawn");
const INCORRECT_KEY = "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.";
const unknownCiphertext = (arn: string) =>
  `AccessDeniedException: User: ${arn} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;

describe("Decrypt", () => {
  const kms = startKms();
  let key: TestKey;
  let CiphertextBlob: Uint8Array;

  const sealed = async (KeyId: string, EncryptionContext?: Record<string, string>) => {
    const { CiphertextBlob: blob } = await kms.client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    return blob as Uint8Array;
  };
  const decrypt = (input: DecryptCommandInput, client = kms.client) => client.send(new DecryptCommand(input));
  /** Names the key, and has a ciphertext of it as far as there can be one. */
  const decryptUnder = async (client: KMSClient, KeyId: string, rest: Partial<DecryptCommandInput> = {}) =>
    decrypt({ KeyId, CiphertextBlob: await sealed(KeyId).catch(() => CiphertextBlob), ...rest }, client);

  beforeAll(async () => {
    key = await kms.key();
    CiphertextBlob = await sealed(key.id);
  });

  it("answers the plaintext, the key's ARN, the algorithm and the id of the key material", async () => {
    expect(members(await decrypt({ CiphertextBlob }))).toEqual({
      Plaintext: new Uint8Array(Plaintext),
      KeyId: key.arn,
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      KeyMaterialId: key.material,
    });
  });

  it("leaves a record, without ciphertext and plaintext", async () => {
    const blob = await sealed(key.id, { purpose: "orders" });
    const answer = await decrypt({ CiphertextBlob: blob, KeyId: key.id, EncryptionContext: { purpose: "orders" } });
    expect(await kms.told(answer)).toEqual({
      event: "Decrypt",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, encryptionContext: { purpose: "orders" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
      resources: [key.arn],
      readOnly: true,
      materials: [key.material],
      intents: [],
      changes: [],
    });
  });

  it("needs no KeyId: the ciphertext names its key, in the record too", async () => {
    const told = await kms.told(await decrypt({ CiphertextBlob }));
    expect(told.resources).toEqual([key.arn]);
  });

  it("decrypts a data key", async () => {
    const made = await kms.client.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256" }));
    expect((await decrypt({ CiphertextBlob: made.CiphertextBlob })).Plaintext).toEqual(made.Plaintext);
  });

  describe("refuses a ciphertext, without a text and with a record,", () => {
    it.each([
      ["a byte of which is changed", (blob: Uint8Array) => blob.map((byte, at) => (at === blob.length - 1 ? byte ^ 1 : byte))],
      ["that is cut", (blob: Uint8Array) => blob.subarray(0, -1)],
      ["that is longer", (blob: Uint8Array) => Buffer.concat([blob, Buffer.alloc(1)])],
      ["that is none", () => Buffer.from("no ciphertext")],
      ["of AWS's own making", () => Buffer.concat([Buffer.from("0102020078", "hex"), Buffer.alloc(179, 1)])],
    ])("%s", async (_, spoil) => {
      expect(await kms.refused(decrypt({ CiphertextBlob: spoil(CiphertextBlob) }))).toBe("InvalidCiphertextException");
      expect(await kms.refused(decrypt({ CiphertextBlob: spoil(CiphertextBlob), KeyId: key.id }))).toBe("InvalidCiphertextException");
    });

    it("whose material is another, as if the key had none with this id", async () => {
      const blob = CiphertextBlob.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
      expect(await kms.refused(decrypt({ CiphertextBlob: blob }))).toBe("InvalidCiphertextException");
    });
  });

  describe("compares the encryption context", () => {
    const context = { purpose: "orders", department: "Sales" };

    it("as a set: the order of pairs does not matter", async () => {
      const blob = await sealed(key.id, context);
      const turned = { department: "Sales", purpose: "orders" };
      expect((await decrypt({ CiphertextBlob: blob, EncryptionContext: turned })).Plaintext).toEqual(new Uint8Array(Plaintext));
    });

    it.each([
      ["a missing pair", { purpose: "orders" }],
      ["no pairs at all", {}],
      ["another value", { ...context, department: "Stock" }],
      ["another case of a value", { ...context, department: "sales" }],
      ["another case of a name", { purpose: "orders", Department: "Sales" }],
      ["one pair more", { ...context, region: "north" }],
      ["names and values moved against each other", { purposeorders: "", departmentSales: "" }],
    ])("and refuses %s without a text", async (_, EncryptionContext) => {
      const blob = await sealed(key.id, context);
      const { said, told } = await kms.refusal(
        decrypt({ CiphertextBlob: blob, EncryptionContext: EncryptionContext as Record<string, string> }),
      );
      expect(said).toBe("InvalidCiphertextException");
      expect(told).toMatchObject({ error: said, resources: [key.arn], parameters: { encryptionContext: EncryptionContext } });
    });

    it("and refuses one that is too large to be anybody's, before anything is looked at", async () => {
      const EncryptionContext = { ...context, large: "x".repeat(9000) };
      expect(await kms.refused(decrypt({ CiphertextBlob: await sealed(key.id, context), EncryptionContext }))).toBe(
        "ValidationException: The encryption context is larger than 8192 bytes.",
      );
    });

    it("and refuses one where there was none", async () => {
      expect(await kms.refused(decrypt({ CiphertextBlob, EncryptionContext: { purpose: "orders" } }))).toBe("InvalidCiphertextException");
      expect((await decrypt({ CiphertextBlob, EncryptionContext: {} })).KeyId).toBe(key.arn);
    });

    it("by code points, without normalising Unicode", async () => {
      const blob = await sealed(key.id, { place: "Zu\u0308rich" });
      expect(await kms.refused(decrypt({ CiphertextBlob: blob, EncryptionContext: { place: "Z\u00fcrich" } }))).toBe(
        "InvalidCiphertextException",
      );
    });
  });

  describe("when the ciphertext is another key's", () => {
    it("says so to whom may use the key that the request names", async () => {
      const other = await kms.key();
      const { said, told } = await kms.refusal(decrypt({ CiphertextBlob, KeyId: other.id }));
      expect(said).toBe(INCORRECT_KEY);
      expect(told).toMatchObject({ error: said, resources: [other.arn] });
      expect(told.materials).toBeUndefined();
    });

    it.each([
      ["HMAC_256", "GENERATE_VERIFY_MAC"],
      ["ECC_NIST_P256", "SIGN_VERIFY"],
    ] as const)("says so before it says that a key of %s is for %s", async (KeySpec, KeyUsage) => {
      const other = await kms.key({ KeySpec, KeyUsage });
      expect(await kms.refused(decrypt({ CiphertextBlob, KeyId: other.id }))).toBe(INCORRECT_KEY);
      expect(await kms.refused(decrypt({ CiphertextBlob: Buffer.alloc(256), KeyId: other.id }))).toBe(
        `InvalidKeyUsageException: ${other.arn} key usage is ${KeyUsage} which is not valid for Decrypt.`,
      );
    });

    it("looks at the state of the named key first", async () => {
      const other = await kms.keyIn("Disabled");
      expect(await kms.refused(decrypt({ CiphertextBlob, KeyId: other.id }))).toBe(`DisabledException: ${other.arn} is disabled.`);
    });
  });

  describe("without KeyId", () => {
    it("tells a stranger nothing about the key", async () => {
      const user = await kms.someone();
      const { said, told } = await kms.refusal(decrypt({ CiphertextBlob }, user.client));
      expect(said).toBe(unknownCiphertext(user.arn));
      expect(told).toMatchObject({ caller: user.arn, error: said });
    });

    it("says the same of a key that is in another Region, or gone", async () => {
      const gone = await kms.key();
      const blob = await sealed(gone.id);
      const here = decrypt({ CiphertextBlob: blob }, kms.kms(kms.administrator, OTHER_REGION));
      expect(await kms.refused(here, OTHER_REGION)).toBe(unknownCiphertext(ADMINISTRATOR));
      await kms.schedule(gone.id);
      expect(await kms.refused(decrypt({ CiphertextBlob: blob }))).toBe(`KMSInvalidStateException: ${gone.arn} is pending deletion.`);
      kms.advance({ days: 7 });
      expect(await kms.refused(decrypt({ CiphertextBlob: blob }))).toBe(unknownCiphertext(ADMINISTRATOR));
    });

    it("works across accounts when both sides allow it", async () => {
      const shared = await sharedKey(kms);
      const user = await kms.someone([allowing("kms:Decrypt", shared.arn)], OTHER_ACCOUNT);
      const answer = await decrypt({ CiphertextBlob: await sealed(shared.id) }, user.client);
      expect(answer.KeyId).toBe(shared.arn);
      expect(await kms.refused(decrypt({ CiphertextBlob }, user.client), undefined, OTHER_ACCOUNT)).toBe(unknownCiphertext(user.arn));
    });
  });

  it.each(["RSAES_OAEP_SHA_256", "SM2PKE"] as const)("refuses %s, which is not an algorithm of the key", async (EncryptionAlgorithm) => {
    expect(await kms.refused(decrypt({ CiphertextBlob, KeyId: key.id, EncryptionAlgorithm }))).toBe(
      `InvalidKeyUsageException: Algorithm ${EncryptionAlgorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
    );
  });

  it("refuses a request without a ciphertext, before it looks for the key", async () => {
    const missing =
      "ValidationException: 1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null";
    for (const input of [{}, { KeyId: key.id }, { KeyId: "alias/missing" }, { KeyId: key.id, DryRun: true }]) {
      expect(await kms.refused(decrypt(input))).toBe(missing);
    }
  });

  it.each([
    [0, "greater than or equal to 1"],
    [6145, "less than or equal to 6144"],
  ])("refuses a ciphertext of %i bytes", async (length, rule) => {
    const said = await kms.refused(decrypt({ CiphertextBlob: Buffer.alloc(length) }));
    expect(said).toMatch(/^ValidationException: 1 validation error detected: Value '.*' at 'ciphertextBlob' failed/);
    expect(said).toContain(`Member must have length ${rule}`);
  });

  it("takes no Recipient in this version", async () => {
    const Recipient = { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256", AttestationDocument: Buffer.from("document") } as const;
    expect(await kms.refused(decrypt({ CiphertextBlob, Recipient }))).toBe(
      "UnsupportedOperationException: Recipient is not available in this version.",
    );
  });

  describe("with DryRun and IGNORE_CIPHERTEXT", () => {
    const trial = { DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT"] } satisfies DecryptCommandInput;

    it("needs no ciphertext, and looks at none", async () => {
      expect(await kms.refused(decrypt({ ...trial, KeyId: key.id }))).toBe(WOULD_HAVE_SUCCEEDED);
      expect(await kms.refused(decrypt({ ...trial, KeyId: key.id, CiphertextBlob: Buffer.from("none") }))).toBe(WOULD_HAVE_SUCCEEDED);
    });

    it("checks permission and state of the key that is named, and requires that one is", async () => {
      const [disabled, user] = [await kms.keyIn("Disabled"), await kms.someone()];
      expect(await kms.refused(decrypt({ ...trial, KeyId: disabled.id }))).toBe(`DisabledException: ${disabled.arn} is disabled.`);
      expect(await kms.refused(decrypt({ ...trial, KeyId: key.id }, user.client))).toContain("is not authorized to perform: kms:Decrypt");
      expect(await kms.refused(decrypt(trial))).toBe(
        "ValidationException: 1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
      );
    });

    it("is nothing without DryRun", async () => {
      expect((await decrypt({ CiphertextBlob, DryRunModifiers: ["IGNORE_CIPHERTEXT"] })).KeyId).toBe(key.arn);
    });
  });

  itTakesEveryIdentifier(kms, "kms:Decrypt", decryptUnder);
  itFollowsKeyStates(kms, decryptUnder, cryptographic);
  itNeedsPermission(kms, "kms:Decrypt", decryptUnder);
  itWorksAcrossAccounts(kms, "kms:Decrypt", decryptUnder);
  itCanBeTried(kms, "kms:Decrypt", decryptUnder);
});
