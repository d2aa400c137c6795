import { CreateKeyCommand, type CreateKeyCommandInput, DescribeKeyCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { KINDS } from "./kinds.ts";
import { keyArn, startKms } from "./start.ts";

describe("CreateKey", () => {
  const kms = startKms();
  const create = (input: CreateKeyCommandInput) => kms.client.send(new CreateKeyCommand(input));

  it.each(KINDS)("makes a key of %s for %s, which lists its algorithms and those of no other usage", async (spec, KeyUsage, lists) => {
    const answer = await create({ KeySpec: spec, KeyUsage });
    const id = answer.KeyMetadata?.KeyId as string;
    const symmetric = spec === "SYMMETRIC_DEFAULT";
    expect(answer.KeyMetadata).toEqual({
      AWSAccountId: ACCOUNT,
      KeyId: id,
      Arn: keyArn(id),
      CreationDate: expect.any(Date),
      Enabled: true,
      Description: "",
      KeyUsage,
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      ...lists,
      MultiRegion: false,
      ...(symmetric && { CurrentKeyMaterialId: expect.any(String) }),
    });
    expect((await kms.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata).toEqual(answer.KeyMetadata);
    expect((await kms.told(answer)).parameters).toMatchObject({ keySpec: spec, keyUsage: KeyUsage });
  });

  it("takes CustomerMasterKeySpec of an asymmetric key too", async () => {
    const { KeyMetadata } = await create({ CustomerMasterKeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    expect(KeyMetadata).toMatchObject({ KeySpec: "ECC_NIST_P256", CustomerMasterKeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  });

  it.each([
    ["RSA_2048", "KEY_AGREEMENT"],
    ["RSA_2048", "GENERATE_VERIFY_MAC"],
    ["ECC_NIST_P256", "ENCRYPT_DECRYPT"],
    ["ECC_SECG_P256K1", "KEY_AGREEMENT"],
    ["ECC_NIST_EDWARDS25519", "KEY_AGREEMENT"],
    ["HMAC_256", "SIGN_VERIFY"],
    ["ML_DSA_65", "ENCAPSULATE_DECAPSULATE"],
    ["ML_KEM_768", "ENCRYPT_DECRYPT"],
  ] as const)("refuses %s for %s", async (KeySpec, KeyUsage) => {
    expect(await kms.refused(create({ KeySpec, KeyUsage }))).toBe(
      `ValidationException: KeyUsage ${KeyUsage} is not compatible with KeySpec ${KeySpec}`,
    );
  });

  it.each(["RSA_2048", "ECC_NIST_P256", "HMAC_256", "ML_DSA_44", "ML_KEM_512"] as const)("refuses %s without a usage", async (KeySpec) => {
    expect(await kms.refused(create({ KeySpec }))).toBe(
      "ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    );
  });
});
