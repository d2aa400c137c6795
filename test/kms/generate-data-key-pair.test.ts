import { createPrivateKey, createPublicKey } from "node:crypto";
import { DecryptCommand, GenerateDataKeyPairCommand, type GenerateDataKeyPairCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { PAIRS } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const ACTION = "kms:GenerateDataKeyPair";
const generate = (client: KMSClient, KeyId: string, rest: Partial<GenerateDataKeyPairCommandInput> = {}) =>
  client.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256", ...rest }));

describe("GenerateDataKeyPair", () => {
  const kms = startKms();

  it.each(PAIRS)("makes a pair of %s: the halves belong together, and Decrypt answers the private one", async (KeyPairSpec) => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.id, { KeyPairSpec });
    expect(members(answer)).toEqual({
      PrivateKeyCiphertextBlob: expect.any(Uint8Array),
      PrivateKeyPlaintext: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      KeyId: key.arn,
      KeyPairSpec,
      KeyMaterialId: key.material,
    });
    const { PrivateKeyCiphertextBlob, PrivateKeyPlaintext = new Uint8Array(), PublicKey = new Uint8Array() } = answer;
    const privateKey = createPrivateKey({ key: Buffer.from(PrivateKeyPlaintext), format: "der", type: "pkcs8" });
    expect(createPublicKey(privateKey).export({ format: "der", type: "spki" })).toEqual(Buffer.from(PublicKey));
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: PrivateKeyCiphertextBlob }));
    expect(opened.Plaintext).toEqual(PrivateKeyPlaintext);
  });

  it.each([
    ["ML_KEM_512", "ML_KEM_768"],
    ["ML_KEM_768", "ML_KEM_1024"],
  ] as const)("answers private keys of ML-KEM as their seed: %s is as short as %s", async (one, other) => {
    const key = await kms.key();
    const lengthOf = async (KeyPairSpec: typeof one | typeof other) =>
      (await generate(kms.client, key.id, { KeyPairSpec })).PrivateKeyPlaintext?.length;
    expect(await lengthOf(one)).toBe(await lengthOf(other));
  });

  it("makes another pair each time", async () => {
    const key = await kms.key();
    expect((await generate(kms.client, key.id)).PublicKey).not.toEqual((await generate(kms.client, key.id)).PublicKey);
  });

  it("binds the private key to the encryption context", async () => {
    const key = await kms.key();
    const EncryptionContext = { purpose: "orders" };
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = await generate(kms.client, key.id, { EncryptionContext });
    expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob })))).toBe("InvalidCiphertextException");
    expect((await kms.client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).KeyId).toBe(key.arn);
  });

  it("leaves a record with the context, and without the keys", async () => {
    const key = await kms.key();
    const answer = await generate(kms.client, key.arn, { EncryptionContext: { purpose: "orders" } });
    expect(await kms.told(answer)).toEqual({
      event: "GenerateDataKeyPair",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, keyPairSpec: "ECC_NIST_P256", encryptionContext: { purpose: "orders" } },
      resources: [key.arn],
      readOnly: true,
      materials: [key.material],
      intents: [],
      changes: [],
    });
  });

  it("refuses a key that is not for symmetric encryption", async () => {
    const signs = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    expect(await kms.refused(generate(kms.client, signs.id))).toBe(
      `InvalidKeyUsageException: ${signs.arn} key usage is SIGN_VERIFY which is not valid for GenerateDataKeyPair.`,
    );
    const rsa = await kms.key({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    expect(await kms.refused(generate(kms.client, rsa.id))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
  });

  it("has neither SM2 nor a Recipient in this version, and no pairs of ML-DSA", async () => {
    const key = await kms.key();
    expect(await kms.refused(generate(kms.client, key.id, { KeyPairSpec: "SM2" }))).toBe(
      "UnsupportedOperationException: KeyPairSpec SM2 is not available in this version.",
    );
    expect(await kms.refused(generate(kms.client, key.id, { Recipient: { AttestationDocument: Buffer.alloc(1) } }))).toBe(
      "UnsupportedOperationException: Recipient is not available in this version.",
    );
    expect(await kms.refused(generate(kms.client, key.id, { KeyPairSpec: "ML_DSA_44" as never }))).toContain(
      "Value 'ML_DSA_44' at 'keyPairSpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, ",
    );
  });

  itTakesEveryIdentifier(kms, ACTION, generate);
  itFollowsKeyStates(kms, generate, cryptographic);
  itNeedsPermission(kms, ACTION, generate);
  itWorksAcrossAccounts(kms, ACTION, generate);
  itMeansItsOwnAccount(kms, generate);
  itCanBeTried(kms, ACTION, generate);
  itRequires(kms, "keyPairSpec", (client) => client.send(new GenerateDataKeyPairCommand({ KeyId: "alias/any" } as never)));
});
