import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { DeriveSharedSecretCommand, type DeriveSharedSecretCommandInput, GetPublicKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const onCurve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const spkiOf = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" });
const PublicKey = spkiOf(onCurve("P-256").publicKey);
const derive = (client: KMSClient, KeyId: string, rest: Partial<DeriveSharedSecretCommandInput> = {}) =>
  client.send(new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey, ...rest }));

describe("DeriveSharedSecret", () => {
  const kms = startKms({ KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" });

  it.each([
    ["ECC_NIST_P256", "P-256", 32],
    ["ECC_NIST_P384", "P-384", 48],
    ["ECC_NIST_P521", "P-521", 66],
  ] as const)("with a key of %s answers the secret that the other side derives", async (KeySpec, curve, length) => {
    const key = await kms.key({ KeySpec });
    const { privateKey, publicKey } = onCurve(curve);
    const answer = await derive(kms.client, key.id, { PublicKey: spkiOf(publicKey) });
    expect(members(answer)).toEqual({
      KeyId: key.arn,
      SharedSecret: expect.any(Uint8Array),
      KeyAgreementAlgorithm: "ECDH",
      KeyOrigin: "AWS_KMS",
    });
    const { PublicKey: ours = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId: key.id }));
    const theirs = diffieHellman({ privateKey, publicKey: createPublicKey({ key: Buffer.from(ours), format: "der", type: "spki" }) });
    expect(Buffer.from(answer.SharedSecret ?? [])).toEqual(theirs);
    expect(theirs.length).toBe(length);
  });

  it("between two keys of KMS answers both sides the same", async () => {
    const [one, two] = [await kms.key(), await kms.key()];
    const publicOf = async (KeyId: string) => (await kms.client.send(new GetPublicKeyCommand({ KeyId }))).PublicKey;
    const first = await derive(kms.client, one.id, { PublicKey: await publicOf(two.id) });
    expect((await derive(kms.client, two.id, { PublicKey: await publicOf(one.id) })).SharedSecret).toEqual(first.SharedSecret);
  });

  it.each<[string, Uint8Array]>([
    ["of another curve", spkiOf(onCurve("P-384").publicKey)],
    ["of a curve that KMS does not agree on", spkiOf(onCurve("secp256k1").publicKey)],
    ["of RSA", spkiOf(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey)],
    ["of X25519", spkiOf(generateKeyPairSync("x25519").publicKey)],
    ["cut", PublicKey.subarray(0, -1)],
    ["with a point that is not on the curve", Buffer.concat([PublicKey.subarray(0, -1), Buffer.of((PublicKey.at(-1) ?? 0) ^ 1)])],
    ["that is none", Buffer.from("public key")],
    ["that is a private key", onCurve("P-256").privateKey.export({ format: "der", type: "pkcs8" })],
  ])("refuses a public key %s, without a word", async (_, theirs) => {
    const key = await kms.key();
    expect(await kms.refused(derive(kms.client, key.id, { PublicKey: theirs }))).toBe("ValidationException");
  });

  it("leaves a record without the secret", async () => {
    const key = await kms.key();
    expect(await kms.told(await derive(kms.client, key.arn))).toEqual({
      event: "DeriveSharedSecret",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, keyAgreementAlgorithm: "ECDH" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a key of another usage, another algorithm, and a Recipient", async () => {
    const [key, signs] = [await kms.key(), await kms.key({ KeyUsage: "SIGN_VERIFY" })];
    expect(await kms.refused(derive(kms.client, signs.id))).toBe(
      `InvalidKeyUsageException: ${signs.arn} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret.`,
    );
    expect(await kms.refused(derive(kms.client, key.id, { KeyAgreementAlgorithm: "X25519" as never }))).toBe(
      "ValidationException: 1 validation error detected: Value 'X25519' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
    );
    expect(await kms.refused(derive(kms.client, key.id, { Recipient: { AttestationDocument: Buffer.alloc(1) } }))).toBe(
      "UnsupportedOperationException: Recipient is not available in this version.",
    );
  });

  itTakesEveryIdentifier(kms, "kms:DeriveSharedSecret", derive);
  itFollowsKeyStates(kms, derive, cryptographic);
  itNeedsPermission(kms, "kms:DeriveSharedSecret", derive);
  itWorksAcrossAccounts(kms, "kms:DeriveSharedSecret", derive);
  itMeansItsOwnAccount(kms, derive);
  itCanBeTried(kms, "kms:DeriveSharedSecret", derive);
  itRequires(kms, "publicKey", (client) =>
    client.send(new DeriveSharedSecretCommand({ KeyId: "alias/any", KeyAgreementAlgorithm: "ECDH" } as never)),
  );
});
