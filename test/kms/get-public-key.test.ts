import { createPublicKey } from "node:crypto";
import { GetPublicKeyCommand, type GetPublicKeyCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { KINDS } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates, works } from "./states.ts";

const get = (client: KMSClient, KeyId: string, rest: Partial<GetPublicKeyCommandInput> = {}) =>
  client.send(new GetPublicKeyCommand({ KeyId, ...rest }));

/** What Node finds in the SubjectPublicKeyInfo. */
const FOUND: Readonly<Record<string, object>> = {
  RSA_2048: { asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 2048, publicExponent: 65537n } },
  RSA_3072: { asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 3072, publicExponent: 65537n } },
  RSA_4096: { asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 4096, publicExponent: 65537n } },
  ECC_NIST_P256: { asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: "prime256v1" } },
  ECC_NIST_P384: { asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: "secp384r1" } },
  ECC_NIST_P521: { asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: "secp521r1" } },
  ECC_SECG_P256K1: { asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: "secp256k1" } },
  ECC_NIST_EDWARDS25519: { asymmetricKeyType: "ed25519" },
  ML_DSA_44: { asymmetricKeyType: "ml-dsa-44" },
  ML_DSA_65: { asymmetricKeyType: "ml-dsa-65" },
  ML_DSA_87: { asymmetricKeyType: "ml-dsa-87" },
  ML_KEM_512: { asymmetricKeyType: "ml-kem-512" },
  ML_KEM_768: { asymmetricKeyType: "ml-kem-768" },
  ML_KEM_1024: { asymmetricKeyType: "ml-kem-1024" },
};

describe("GetPublicKey", () => {
  const kms = startKms({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });

  it.each(KINDS.filter(([spec]) => spec in FOUND))(
    "answers the public half of a key of %s for %s, and what it is for",
    async (KeySpec, KeyUsage, lists) => {
      const key = await kms.key({ KeySpec, KeyUsage });
      const answer = await get(kms.client, key.id);
      expect(members(answer)).toEqual({
        KeyId: key.arn,
        PublicKey: expect.any(Uint8Array),
        CustomerMasterKeySpec: KeySpec,
        KeySpec,
        KeyUsage,
        ...lists,
      });
      expect(createPublicKey({ key: Buffer.from(answer.PublicKey ?? []), format: "der", type: "spki" })).toMatchObject(
        FOUND[KeySpec] ?? {},
      );
      expect((await get(kms.client, key.id)).PublicKey).toEqual(answer.PublicKey);
    },
  );

  it.each(KINDS.filter(([spec]) => !(spec in FOUND)))(
    "has no word for a key of %s for %s, which has no public half",
    async (KeySpec, KeyUsage) => {
      const key = await kms.key({ KeySpec, KeyUsage });
      expect(await kms.refused(get(kms.client, key.id))).toBe("UnsupportedOperationException");
    },
  );

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await get(kms.client, key.id))).toEqual({
      event: "GetPublicKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a grant token that stands for no grant", async () => {
    const key = await kms.key();
    expect(await kms.refused(get(kms.client, key.id, { GrantTokens: ["AQpAM2RhZTk1"] }))).toBe("InvalidGrantTokenException");
  });

  itTakesEveryIdentifier(kms, "kms:GetPublicKey", get);
  // What is public already stays so: a disabled key answers.
  itFollowsKeyStates(kms, get, { ...cryptographic, Disabled: works });
  itNeedsPermission(kms, "kms:GetPublicKey", get);
  itWorksAcrossAccounts(kms, "kms:GetPublicKey", get);
  itMeansItsOwnAccount(kms, get);
  itRequires(kms, "keyId", (client) => client.send(new GetPublicKeyCommand({} as never)));
});
