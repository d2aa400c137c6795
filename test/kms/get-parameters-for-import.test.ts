import { createPublicKey } from "node:crypto";
import {
  type AlgorithmSpec,
  DisableKeyCommand,
  GetParametersForImportCommand,
  type KeySpec,
  type KMSClient,
  type WrappingKeySpec,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { EXTERNAL, importedKey, parametersFor } from "./imported.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, members, policyOf, startKms } from "./start.ts";

const ACTION = "kms:GetParametersForImport";
const DAY = 86_400_000;
const call = (client: KMSClient, KeyId: string) => parametersFor(client, KeyId);

describe("GetParametersForImport", () => {
  const kms = startKms(EXTERNAL);

  it.each<[WrappingKeySpec, AlgorithmSpec]>([
    ["RSA_2048", "RSAES_OAEP_SHA_1"],
    ["RSA_2048", "RSAES_OAEP_SHA_256"],
    ["RSA_3072", "RSA_AES_KEY_WRAP_SHA_1"],
    ["RSA_4096", "RSA_AES_KEY_WRAP_SHA_256"],
  ])("answers a public key of %s to wrap by %s, and a token, for 24 hours", async (spec, algorithm) => {
    const key = await kms.key();
    const answer = await parametersFor(kms.client, key.id, algorithm, spec);
    expect(members(answer)).toEqual({
      KeyId: key.arn,
      ImportToken: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      ParametersValidTo: new Date(kms.now().getTime() + DAY),
    });
    const publicKey = createPublicKey({ key: Buffer.from(answer.PublicKey ?? []), format: "der", type: "spki" });
    expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: Number(spec.slice(4)), publicExponent: 65537n });
  });

  it("answers others each time", async () => {
    const key = await kms.key();
    const [one, other] = [await call(kms.client, key.id), await call(kms.client, key.id)];
    expect(one.PublicKey).not.toEqual(other.PublicKey);
    expect(one.ImportToken).not.toEqual(other.ImportToken);
  });

  it("leaves a record without the keys, changes no key, and leaves nothing unwrapped in the store", async () => {
    const key = await kms.key();
    expect(await kms.told(await call(kms.client, key.id))).toEqual({
      event: "GetParametersForImport",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, wrappingAlgorithm: "RSAES_OAEP_SHA_256", wrappingKeySpec: "RSA_2048" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
    const { rows } = await kms.database.table("keys", HOME).query({ pk: `IMPORT#${key.id}`, limit: 10 });
    expect(rows).toHaveLength(1);
    expect(Object.keys(JSON.parse(rows[0]?.body ?? "{}"))).toEqual(["algorithm", "wrapped", "domainKey", "account", "validTo"]);
    expect(rows[0]?.expires).toBe(Math.ceil((kms.now().getTime() + DAY) / 1000));
    // Of PKCS #8 in the clear, the first bytes are known.
    expect(
      Buffer.from(JSON.parse(rows[0]?.body ?? "{}").wrapped, "base64").includes(Buffer.from("300d06092a864886f70d010101", "hex")),
    ).toBe(false);
  });

  it("takes a disabled key, and one that has its material", async () => {
    const key = await importedKey(kms);
    expect((await call(kms.client, key.id)).KeyId).toBe(key.arn);
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    expect((await call(kms.client, key.id)).KeyId).toBe(key.arn);
  });

  it("refuses a key whose material KMS made, in whatever state", async () => {
    for (const key of [await kms.key({ Origin: "AWS_KMS" }), await kms.key({ Origin: "AWS_KMS" })]) {
      const refusal = `UnsupportedOperationException: ${key.arn} origin is AWS_KMS which is not valid for this operation.`;
      expect(await kms.refused(call(kms.client, key.id))).toBe(refusal);
      await kms.schedule(key.id);
      expect(await kms.refused(call(kms.client, key.id))).toBe(refusal);
    }
  });

  it("refuses a key that is pending deletion", async () => {
    const key = await kms.keyIn("PendingDeletion");
    expect(await kms.refused(call(kms.client, key.id))).toBe(`KMSInvalidStateException: ${key.arn} is pending deletion.`);
  });

  it.each<[KeySpec, AlgorithmSpec, WrappingKeySpec]>([
    ["RSA_2048", "RSAES_OAEP_SHA_256", "RSA_4096"],
    ["RSA_4096", "RSAES_OAEP_SHA_1", "RSA_4096"],
    ["ECC_NIST_P521", "RSAES_OAEP_SHA_256", "RSA_2048"],
    ["ECC_NIST_P521", "RSAES_OAEP_SHA_1", "RSA_2048"],
  ])("refuses to have material of %s wrapped by %s under %s: it does not fit", async (KeySpec, algorithm, spec) => {
    const key = await kms.key({ KeySpec, KeyUsage: "SIGN_VERIFY" });
    expect(await kms.refused(parametersFor(kms.client, key.id, algorithm, spec))).toBe(
      `UnsupportedOperationException: WrappingAlgorithm ${algorithm} with WrappingKeySpec ${spec} is incompatible with key spec ${KeySpec}.`,
    );
  });

  it("refuses what AWS has no more, or in China only", async () => {
    const key = await kms.key();
    expect(await kms.refused(parametersFor(kms.client, key.id, "RSAES_PKCS1_V1_5"))).toBe(
      "UnsupportedOperationException: WrappingAlgorithm RSAES_PKCS1_V1_5 is no longer supported.",
    );
    expect(await kms.refused(parametersFor(kms.client, key.id, "SM2PKE"))).toBe(
      "UnsupportedOperationException: WrappingAlgorithm SM2PKE is not available in this version.",
    );
    expect(await kms.refused(parametersFor(kms.client, key.id, "RSAES_OAEP_SHA_256", "SM2"))).toBe(
      "UnsupportedOperationException: WrappingKeySpec SM2 is not available in this version.",
    );
  });

  it("tells policies how the material is to be wrapped", async () => {
    const key = await kms.key();
    const Condition = { StringEquals: { "kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256", "kms:WrappingKeySpec": "RSA_3072" } };
    const user = await kms.someone([policyOf({ Effect: "Allow", Action: ACTION, Resource: "*", Condition })]);
    expect((await parametersFor(user.client, key.id, "RSAES_OAEP_SHA_256", "RSA_3072")).KeyId).toBe(key.arn);
    expect(await kms.refused(parametersFor(user.client, key.id, "RSAES_OAEP_SHA_256", "RSA_2048"))).toContain("AccessDeniedException");
    expect(await kms.refused(parametersFor(user.client, key.id, "RSAES_OAEP_SHA_1", "RSA_3072"))).toContain("AccessDeniedException");
  });

  itTakesIdsAndArns(kms, ACTION, call);
  itNeedsPermission(kms, ACTION, call);
  itStaysInItsAccount(kms, ACTION, call);
  itRequires(kms, "wrappingKeySpec", (client) =>
    client.send(new GetParametersForImportCommand({ KeyId: "any", WrappingAlgorithm: "RSAES_OAEP_SHA_1" } as never)),
  );
});
