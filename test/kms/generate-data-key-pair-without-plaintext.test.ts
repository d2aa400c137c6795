import { createPrivateKey, createPublicKey } from "node:crypto";
import {
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { PAIRS } from "./kinds.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const ACTION = "kms:GenerateDataKeyPairWithoutPlaintext";
const generate = (client: KMSClient, KeyId: string, rest: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput> = {}) =>
  client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256", ...rest }));

describe("GenerateDataKeyPairWithoutPlaintext", () => {
  const kms = startKms();

  it.each(PAIRS)("makes a pair of %s, and answers the private half encrypted only", async (KeyPairSpec) => {
    const key = await kms.key();
    const EncryptionContext = { purpose: "orders" };
    const answer = await generate(kms.client, key.id, { KeyPairSpec, EncryptionContext });
    expect(members(answer)).toEqual({
      PrivateKeyCiphertextBlob: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      KeyId: key.arn,
      KeyPairSpec,
      KeyMaterialId: key.material,
    });
    const { PrivateKeyCiphertextBlob: CiphertextBlob, PublicKey = new Uint8Array() } = answer;
    const { Plaintext = new Uint8Array() } = await kms.client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    const privateKey = createPrivateKey({ key: Buffer.from(Plaintext), format: "der", type: "pkcs8" });
    expect(createPublicKey(privateKey).export({ format: "der", type: "spki" })).toEqual(Buffer.from(PublicKey));
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await generate(kms.client, key.id))).toEqual({
      event: "GenerateDataKeyPairWithoutPlaintext",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, keyPairSpec: "ECC_NIST_P256", encryptionContext: {} },
      resources: [key.arn],
      readOnly: true,
      materials: [key.material],
      intents: [],
      changes: [],
    });
  });

  it("has a permission of its own: kms:GenerateDataKeyPair does not do", async () => {
    const [key, user] = [await kms.key(), await kms.someone([allowing("kms:GenerateDataKeyPair")])];
    expect(await kms.refused(generate(user.client, key.id))).toContain(`is not authorized to perform: ${ACTION} on resource: ${key.arn}`);
  });

  it("refuses a key that is not for symmetric encryption", async () => {
    const rsa = await kms.key({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    expect(await kms.refused(generate(kms.client, rsa.id))).toBe(
      "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    );
  });

  itTakesEveryIdentifier(kms, ACTION, generate);
  itFollowsKeyStates(kms, generate, cryptographic);
  itNeedsPermission(kms, ACTION, generate);
  itWorksAcrossAccounts(kms, ACTION, generate);
  itCanBeTried(kms, ACTION, generate);
  itRequires(kms, "keyPairSpec", (client) => client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: "alias/any" } as never)));
});
