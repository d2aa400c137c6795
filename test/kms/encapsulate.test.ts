import { DecapsulateCommand, EncapsulateCommand, type EncapsulateCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const EncapsulationAlgorithm = "ML_KEM";
const encapsulate = (client: KMSClient, KeyId: string, rest: Partial<EncapsulateCommandInput> = {}) =>
  client.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm, ...rest }));

describe("Encapsulate", () => {
  const kms = startKms({ KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE" });

  it.each([
    ["ML_KEM_512", 768],
    ["ML_KEM_768", 1088],
    ["ML_KEM_1024", 1568],
  ] as const)("with a key of %s answers a new secret and %i bytes from which Decapsulate has it", async (KeySpec, length) => {
    const key = await kms.key({ KeySpec });
    const answer = await encapsulate(kms.client, key.id);
    const { SharedSecret, SharedSecretCiphertextBlob } = answer;
    expect(members(answer)).toEqual({
      KeyId: key.arn,
      SharedSecret: expect.any(Uint8Array),
      SharedSecretCiphertextBlob: expect.any(Uint8Array),
      EncapsulationAlgorithm,
    });
    expect([SharedSecret?.length, SharedSecretCiphertextBlob?.length]).toEqual([32, length]);
    const opened = await kms.client.send(new DecapsulateCommand({ KeyId: key.id, SharedSecretCiphertextBlob, EncapsulationAlgorithm }));
    expect(opened.SharedSecret).toEqual(SharedSecret);
    expect((await encapsulate(kms.client, key.id)).SharedSecret).not.toEqual(SharedSecret);
  });

  it("leaves a record without the secret", async () => {
    const key = await kms.key();
    expect(await kms.told(await encapsulate(kms.client, key.arn))).toEqual({
      event: "Encapsulate",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, encapsulationAlgorithm: EncapsulationAlgorithm },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a key of another usage", async () => {
    const key = await kms.key({ KeySpec: "ML_DSA_44", KeyUsage: "SIGN_VERIFY" });
    expect(await kms.refused(encapsulate(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is SIGN_VERIFY which is not valid for Encapsulate.`,
    );
  });

  itTakesEveryIdentifier(kms, "kms:Encapsulate", encapsulate);
  itFollowsKeyStates(kms, encapsulate, cryptographic);
  itNeedsPermission(kms, "kms:Encapsulate", encapsulate);
  itWorksAcrossAccounts(kms, "kms:Encapsulate", encapsulate);
  itMeansItsOwnAccount(kms, encapsulate);
  itCanBeTried(kms, "kms:Encapsulate", encapsulate);
  itRequires(kms, "encapsulationAlgorithm", (client) => client.send(new EncapsulateCommand({ KeyId: "alias/any" } as never)));
});
