import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { EXTERNAL, FOR_EVER, IMPORTABLE, importedKey, importInto, newMaterial, parametersFor, wrapped } from "./imported.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, keyItem, members, policyOf, startKms, type TestKey } from "./start.ts";

const ACTION = "kms:ImportKeyMaterial";
const DAY = 86_400_000;
const NEW = { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" } as const;
const Plaintext = Buffer.from("attack at dawn");

describe("ImportKeyMaterial", () => {
  const kms = startKms(EXTERNAL);
  const inDays = (days: number) => new Date(kms.now().getTime() + days * DAY);
  const metadataOf = async ({ id }: TestKey) => (await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata;
  const incorrect = (key: TestKey) =>
    `IncorrectKeyMaterialException: The key material does not meet the expectations of the key ${key.arn}.`;

  /** As somebody, with parameters of the administrator's where the key has any. */
  async function call(client: KMSClient, KeyId: string) {
    const parameters = await parametersFor(kms.client, KeyId).catch(() => undefined);
    const bytes = parameters ? wrapped(parameters, "RSAES_OAEP_SHA_256", newMaterial("SYMMETRIC_DEFAULT")) : Buffer.alloc(256);
    const ImportToken = parameters?.ImportToken ?? Buffer.alloc(57);
    return client.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial: bytes, ...FOR_EVER }));
  }

  it("makes a key usable that was pending import, at once, and tells of it", async () => {
    const key = await kms.key();
    expect(await metadataOf(key)).toMatchObject({ Enabled: false, KeyState: "PendingImport", Origin: "EXTERNAL" });
    expect(await metadataOf(key)).not.toHaveProperty("ExpirationModel");
    expect(await metadataOf(key)).not.toHaveProperty("CurrentKeyMaterialId");
    expect(await kms.refused(kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext })))).toBe(
      `KMSInvalidStateException: ${key.arn} is pending import.`,
    );
    const answer = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"));
    expect(members(answer)).toEqual({ KeyId: key.arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const after = await metadataOf(key);
    expect(after).toMatchObject({ Enabled: true, KeyState: "Enabled", CurrentKeyMaterialId: answer.KeyMaterialId, ...FOR_EVER });
    expect(after).not.toHaveProperty("ValidTo");
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    expect(opened.KeyMaterialId).toBe(answer.KeyMaterialId);
  });

  it("leaves an intent, and a record without token and material", async () => {
    const key = await kms.key();
    const ValidTo = inDays(30);
    const options = { ValidTo, ImportType: "NEW_KEY_MATERIAL", KeyMaterialDescription: "from the vault" } as const;
    const answer = await importInto(kms.client, key.id, newMaterial("SYMMETRIC_DEFAULT"), options);
    expect(await kms.told(answer)).toEqual({
      event: "ImportKeyMaterial",
      caller: ADMINISTRATOR,
      parameters: {
        keyId: key.id,
        validTo: ValidTo.getTime(),
        importType: "NEW_KEY_MATERIAL",
        keyMaterialDescription: "from the vault",
      },
      response: { keyId: key.arn, keyMaterialId: answer.KeyMaterialId },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  it.each(IMPORTABLE)("takes material for %s (%s), and the same again", async (...kind) => {
    const key = await importedKey(kms, kind);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", Origin: "EXTERNAL", ...FOR_EVER });
    expect(key.material.length).toBe(kind[0] === "SYMMETRIC_DEFAULT" ? 64 : 0);
    await kms.client.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.id }));
    expect(await kms.refused(importInto(kms.client, key.id, newMaterial(kind[0])))).toBe(incorrect(key));
    expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
    await importInto(kms.client, key.id, key.bytes);
    expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled" });
  });

  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"] as const)(
    "takes material wrapped by %s, under each wrapping key",
    async (algorithm) => {
      const key = await kms.key();
      const bytes = newMaterial("SYMMETRIC_DEFAULT");
      for (const spec of ["RSA_2048", "RSA_3072", "RSA_4096"] as const) {
        const parameters = await parametersFor(kms.client, key.id, algorithm, spec);
        const { ImportToken } = parameters;
        const input = { KeyId: key.id, ImportToken, EncryptedKeyMaterial: wrapped(parameters, algorithm, bytes), ...FOR_EVER };
        expect((await kms.client.send(new ImportKeyMaterialCommand(input))).KeyId).toBe(key.arn);
      }
    },
  );

  it("takes a set of parameters more than once, in any order, until it has expired", async () => {
    const key = await kms.key();
    const [one, other] = [await parametersFor(kms.client, key.id), await parametersFor(kms.client, key.id)];
    const bytes = newMaterial("SYMMETRIC_DEFAULT");
    const send = ({ ImportToken, PublicKey }: typeof one) => {
      const EncryptedKeyMaterial = wrapped({ PublicKey }, "RSAES_OAEP_SHA_256", bytes);
      return kms.client.send(new ImportKeyMaterialCommand({ KeyId: key.id, ImportToken, EncryptedKeyMaterial, ...FOR_EVER }));
    };
    for (const parameters of [other, one, one]) await send(parameters);
    kms.advance({ days: 1, ms: -1 });
    await send(one);
    kms.advance({ ms: 1 });
    expect(await kms.refused(send(one))).toBe("ExpiredImportTokenException");
  });

  describe("of a key with material", () => {
    it("takes it again with another expiration, and keeps the description", async () => {
      const key = await importedKey(kms, undefined, { ValidTo: inDays(30), KeyMaterialDescription: "first" });
      const ValidTo = inDays(60);
      await importInto(kms.client, key.id, key.bytes, { ValidTo, KeyMaterialId: key.material });
      expect(await metadataOf(key)).toMatchObject({ ValidTo, ExpirationModel: "KEY_MATERIAL_EXPIRES" });
      await importInto(kms.client, key.id, key.bytes);
      expect(await metadataOf(key)).toMatchObject(FOR_EVER);
      expect(await metadataOf(key)).not.toHaveProperty("ValidTo");
      const { body = "{}" } = (await kms.database.table("keys", "us-east-1").get({ pk: `K#${key.id}`, sk: "KEY" })) ?? {};
      expect(JSON.parse(body).materials[0].n).toBe("first");
    });

    it("leaves a disabled key disabled, unless its material was missing", async () => {
      const key = await importedKey(kms);
      await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
      await importInto(kms.client, key.id, key.bytes);
      expect(await metadataOf(key)).toMatchObject({ KeyState: "Disabled" });
      await kms.client.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.id }));
      expect(await metadataOf(key)).toMatchObject({ KeyState: "PendingImport" });
      await importInto(kms.client, key.id, key.bytes);
      expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled" });
    });

    it("takes new material that waits for a rotation: what is encrypted goes on under the current one", async () => {
      const key = await importedKey(kms);
      const next = newMaterial("SYMMETRIC_DEFAULT");
      const { KeyMaterialId: pending } = await importInto(kms.client, key.id, next, NEW);
      expect(await metadataOf(key)).toMatchObject({ KeyState: "Enabled", CurrentKeyMaterialId: key.material });
      expect(pending).not.toBe(key.material);
      const other = newMaterial("SYMMETRIC_DEFAULT");
      const { said } = await kms.refusal(importInto(kms.client, key.id, other, NEW));
      expect(said).toMatch(
        new RegExp(
          `^KMSInvalidStateException: New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${key.arn}, because another key material \\(id: ${pending}\\) is pending rotation\\.$`,
        ),
      );
      // What is pending may be brought again, and be replaced once it is gone.
      await importInto(kms.client, key.id, next, { ...FOR_EVER, ImportType: "EXISTING_KEY_MATERIAL", KeyMaterialId: pending });
      await kms.client.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.id, KeyMaterialId: pending }));
      expect((await importInto(kms.client, key.id, other, NEW)).KeyMaterialId).not.toBe(pending);
    });

    it("refuses as new what it knows already, and as existing what it does not", async () => {
      const key = await importedKey(kms);
      expect(await kms.refused(importInto(kms.client, key.id, key.bytes, NEW))).toBe(incorrect(key));
      const other = newMaterial("SYMMETRIC_DEFAULT");
      expect(await kms.refused(importInto(kms.client, key.id, other))).toBe(incorrect(key));
      const first = await kms.key();
      const existing = { ...FOR_EVER, ImportType: "EXISTING_KEY_MATERIAL" } as const;
      expect(await kms.refused(importInto(kms.client, first.id, other, existing))).toBe(incorrect(first));
    });

    it("refuses material with another id than was said", async () => {
      const key = await importedKey(kms);
      const KeyMaterialId = "0".repeat(64);
      expect(await kms.refused(importInto(kms.client, key.id, key.bytes, { ...FOR_EVER, KeyMaterialId }))).toBe(incorrect(key));
    });
  });

  it("gives the same bytes another id in another key, whose ciphertexts it does not open", async () => {
    const [one, other] = [await importedKey(kms), await kms.key()];
    const { KeyMaterialId } = await importInto(kms.client, other.id, one.bytes);
    expect(KeyMaterialId).not.toBe(one.material);
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: one.id, Plaintext }));
    expect(await kms.refused(kms.client.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id })))).toContain("IncorrectKeyException");
  });

  it("tells policies how long the material is to be kept", async () => {
    const Condition = {
      StringEquals: { "kms:ExpirationModel": "KEY_MATERIAL_EXPIRES" },
      NumericLessThanEquals: { "kms:ValidTo": String(inDays(10).getTime() / 1000) },
    };
    const { client } = await kms.someone([
      policyOf({ Effect: "Allow", Action: ACTION, Resource: "*", Condition }),
      policyOf({ Effect: "Allow", Action: "kms:GetParametersForImport", Resource: "*" }),
    ]);
    const { id, arn } = await kms.key();
    const bytes = newMaterial("SYMMETRIC_DEFAULT");
    const expires = { ExpirationModel: "KEY_MATERIAL_EXPIRES" } as const;
    expect(await kms.refused(importInto(client, id, bytes, { ...expires, ValidTo: inDays(11) }))).toContain("AccessDeniedException");
    expect(await kms.refused(importInto(client, id, bytes))).toContain("AccessDeniedException");
    expect((await importInto(client, id, bytes, { ...expires, ValidTo: inDays(9) })).KeyId).toBe(arn);
  });

  itTakesIdsAndArns(kms, ACTION, call);
  itNeedsPermission(kms, ACTION, call);
  itStaysInItsAccount(kms, ACTION, call);
  itRequires(kms, "importToken", (client) =>
    client.send(new ImportKeyMaterialCommand({ KeyId: "any", EncryptedKeyMaterial: Buffer.alloc(1) } as never)),
  );
});
