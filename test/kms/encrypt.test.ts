import { CreateAliasCommand, DecryptCommand, EncryptCommand, type EncryptCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Plaintext = Buffer.from("attack at dawn");
const encrypt = (client: KMSClient, KeyId: string, rest: Partial<EncryptCommandInput> = {}) =>
  client.send(new EncryptCommand({ KeyId, Plaintext, ...rest }));

describe("Encrypt", () => {
  const kms = startKms();

  it("answers a ciphertext, the key's ARN and the algorithm", async () => {
    const key = await kms.key();
    const answer = await encrypt(kms.client, key.id);
    expect(members(answer)).toEqual({ CiphertextBlob: expect.any(Uint8Array), KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    const { Plaintext: again } = await kms.client.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect(Buffer.from(again ?? [])).toEqual(Plaintext);
  });

  itTakesEveryIdentifier(kms, "kms:Encrypt", encrypt);
  itFollowsKeyStates(kms, encrypt, cryptographic);
  itNeedsPermission(kms, "kms:Encrypt", encrypt);
  itWorksAcrossAccounts(kms, "kms:Encrypt", encrypt);
  itRequires(kms, "keyId", (client) => client.send(new EncryptCommand({ Plaintext } as EncryptCommandInput)));
});
