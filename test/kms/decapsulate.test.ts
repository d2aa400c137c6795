import * as nodeCrypto from "node:crypto";
import { createPublicKey, type KeyObject } from "node:crypto";
import {
  DecapsulateCommand,
  type DecapsulateCommandInput,
  EncapsulateCommand,
  GetPublicKeyCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const EncapsulationAlgorithm = "ML_KEM";
/** Of the right length: any key answers something. */
const SharedSecretCiphertextBlob = Buffer.alloc(1088, 7);
const decapsulate = (client: KMSClient, KeyId: string, rest: Partial<DecapsulateCommandInput> = {}) =>
  client.send(new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob, ...rest }));

/** Node's, newer than its types. */
const encapsulateOffline = (nodeCrypto as unknown as { encapsulate(key: KeyObject): { sharedKey: Buffer; ciphertext: Buffer } })
  .encapsulate;

describe("Decapsulate", () => {
  const kms = startKms({ KeySpec: "ML_KEM_768", KeyUsage: "ENCAPSULATE_DECAPSULATE" });

  it.each(["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"] as const)(
    "with a key of %s answers the secret that somebody encapsulated who has the public key",
    async (KeySpec) => {
      const key = await kms.key({ KeySpec });
      const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId: key.id }));
      const { sharedKey, ciphertext } = encapsulateOffline(createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" }));
      const answer = await decapsulate(kms.client, key.id, { SharedSecretCiphertextBlob: ciphertext });
      expect(members(answer)).toEqual({ KeyId: key.arn, SharedSecret: expect.any(Uint8Array), EncapsulationAlgorithm });
      expect(Buffer.from(answer.SharedSecret ?? [])).toEqual(sharedKey);
    },
  );

  it("answers some other secret, always the same, to a blob that is altered or another key's: never an error", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const made = await kms.client.send(new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm }));
    const blob = Buffer.from(made.SharedSecretCiphertextBlob ?? []);
    const altered = Buffer.concat([blob.subarray(0, -1), Buffer.of((blob.at(-1) ?? 0) ^ 1)]);
    for (const [id, SharedSecretCiphertextBlob] of [
      [key.id, altered],
      [other.id, blob],
    ] as const) {
      const { SharedSecret } = await decapsulate(kms.client, id, { SharedSecretCiphertextBlob });
      expect(SharedSecret?.length).toBe(32);
      expect(SharedSecret).not.toEqual(made.SharedSecret);
      expect((await decapsulate(kms.client, id, { SharedSecretCiphertextBlob })).SharedSecret).toEqual(SharedSecret);
    }
  });

  it.each([1, 768, 1087, 1089, 1568, 6144])("refuses %i bytes, which no encapsulation for the key has", async (length) => {
    const key = await kms.key();
    expect(await kms.refused(decapsulate(kms.client, key.id, { SharedSecretCiphertextBlob: Buffer.alloc(length) }))).toBe(
      "InvalidCiphertextException",
    );
  });

  it("leaves a record without blob and secret", async () => {
    const key = await kms.key();
    expect(await kms.told(await decapsulate(kms.client, key.arn))).toEqual({
      event: "Decapsulate",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, encapsulationAlgorithm: EncapsulationAlgorithm },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a key of another usage", async () => {
    const key = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" });
    expect(await kms.refused(decapsulate(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is KEY_AGREEMENT which is not valid for Decapsulate.`,
    );
  });

  itTakesEveryIdentifier(kms, "kms:Decapsulate", decapsulate);
  itFollowsKeyStates(kms, decapsulate, cryptographic);
  itNeedsPermission(kms, "kms:Decapsulate", decapsulate);
  itWorksAcrossAccounts(kms, "kms:Decapsulate", decapsulate);
  itMeansItsOwnAccount(kms, decapsulate);
  itCanBeTried(kms, "kms:Decapsulate", decapsulate);
  itRequires(kms, "sharedSecretCiphertextBlob", (client) =>
    client.send(new DecapsulateCommand({ KeyId: "alias/any", EncapsulationAlgorithm } as never)),
  );
});
