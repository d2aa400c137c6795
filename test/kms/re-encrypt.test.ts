import { DecryptCommand, EncryptCommand, type KMSClient, ReEncryptCommand, type ReEncryptCommandInput } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { itCanBeTried, WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itNeedsPermission, setPolicy, sharedKey } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, OTHER_ACCOUNT, startKms, type TestKey } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Plaintext = Buffer.from("attack at dawn");
const INCORRECT_KEY = "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.";

describe("ReEncrypt", () => {
  const kms = startKms();
  let from: TestKey;
  let to: TestKey;
  let CiphertextBlob: Uint8Array;

  const sealed = async (KeyId: string, EncryptionContext?: Record<string, string>) => {
    const { CiphertextBlob: blob } = await kms.client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    return blob as Uint8Array;
  };
  const reEncrypt = (input: Partial<ReEncryptCommandInput> = {}, client = kms.client) =>
    client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.id, ...input }));
  /** Names the source key, and has a ciphertext of it as far as there can be one. */
  const fromKey = async (client: KMSClient, SourceKeyId: string, rest: Partial<ReEncryptCommandInput> = {}) =>
    reEncrypt({ SourceKeyId, CiphertextBlob: await sealed(SourceKeyId).catch(() => CiphertextBlob), ...rest }, client);
  const toKey = (client: KMSClient, DestinationKeyId: string, rest: Partial<ReEncryptCommandInput> = {}) =>
    reEncrypt({ DestinationKeyId, ...rest }, client);

  beforeAll(async () => {
    [from, to] = [await kms.key(), await kms.key()];
    CiphertextBlob = await sealed(from.id);
  });

  it("answers a ciphertext of the destination key, and says of both keys what was used", async () => {
    const answer = await reEncrypt();
    expect(members(answer)).toEqual({
      CiphertextBlob: expect.any(Uint8Array),
      SourceKeyId: from.arn,
      KeyId: to.arn,
      SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      SourceKeyMaterialId: from.material,
      DestinationKeyMaterialId: to.material,
    });
    const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect({ KeyId: opened.KeyId, Plaintext: opened.Plaintext }).toEqual({ KeyId: to.arn, Plaintext: new Uint8Array(Plaintext) });
  });

  it("leaves a record with the source before the destination, and no ciphertext", async () => {
    const answer = await reEncrypt({ SourceKeyId: from.id, DestinationEncryptionContext: { purpose: "orders" } });
    expect(await kms.told(answer)).toEqual({
      event: "ReEncrypt",
      caller: ADMINISTRATOR,
      parameters: {
        sourceKeyId: from.id,
        sourceEncryptionContext: {},
        sourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        destinationKeyId: to.id,
        destinationEncryptionContext: { purpose: "orders" },
        destinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      },
      resources: [from.arn, to.arn],
      readOnly: true,
      materials: [from.material, to.material],
      intents: [],
      changes: [],
    });
  });

  it("changes the encryption context, under the same key too", async () => {
    const blob = await sealed(from.id, { purpose: "orders" });
    const answer = await reEncrypt({
      CiphertextBlob: blob,
      SourceEncryptionContext: { purpose: "orders" },
      DestinationKeyId: from.id,
      DestinationEncryptionContext: { purpose: "archive" },
    });
    expect(answer).toMatchObject({ SourceKeyId: from.arn, KeyId: from.arn });
    const again = { CiphertextBlob: answer.CiphertextBlob };
    const opened = await kms.client.send(new DecryptCommand({ ...again, EncryptionContext: { purpose: "archive" } }));
    expect(opened.Plaintext).toEqual(new Uint8Array(Plaintext));
    const before = kms.client.send(new DecryptCommand({ ...again, EncryptionContext: { purpose: "orders" } }));
    expect(await kms.refused(before)).toBe("InvalidCiphertextException");
  });

  it("refuses another source context without a text, and records what it was", async () => {
    const { said, told } = await kms.refusal(reEncrypt({ SourceEncryptionContext: { purpose: "orders" } }));
    expect(said).toBe("InvalidCiphertextException");
    expect(told).toMatchObject({ resources: [from.arn, to.arn], parameters: { sourceEncryptionContext: { purpose: "orders" } } });
  });

  it("refuses a destination context that is too large", async () => {
    const DestinationEncryptionContext = { name: "x".repeat(8183) };
    expect(await kms.refused(reEncrypt({ DestinationEncryptionContext }))).toBe(
      "ValidationException: The encryption context is larger than 8192 bytes.",
    );
  });

  it("refuses a ciphertext that is none, or was changed", async () => {
    const changed = CiphertextBlob.map((byte, at) => (at === CiphertextBlob.length - 1 ? byte ^ 1 : byte));
    expect(await kms.refused(reEncrypt({ CiphertextBlob: changed }))).toBe("InvalidCiphertextException");
    expect(await kms.refused(reEncrypt({ CiphertextBlob: Buffer.from("none") }))).toBe("InvalidCiphertextException");
    expect(await kms.refused(reEncrypt({ CiphertextBlob: Buffer.from("none"), SourceKeyId: from.id }))).toBe("InvalidCiphertextException");
  });

  it("says that the ciphertext is not of the source key that was named", async () => {
    expect(await kms.refused(reEncrypt({ SourceKeyId: to.id }))).toBe(INCORRECT_KEY);
  });

  it.each([
    ["SourceEncryptionAlgorithm", "RSAES_OAEP_SHA_1"],
    ["DestinationEncryptionAlgorithm", "SM2PKE"],
  ] as const)("refuses a %s that its key does not have", async (member, algorithm) => {
    expect(await kms.refused(reEncrypt({ SourceKeyId: from.id, [member]: algorithm }))).toBe(
      `InvalidKeyUsageException: Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
    );
  });

  it("refuses a request without a ciphertext", async () => {
    for (const SourceKeyId of [undefined, from.id, "alias/missing"]) {
      expect(await kms.refused(reEncrypt({ CiphertextBlob: undefined, SourceKeyId }))).toBe(
        "ValidationException: 1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
      );
    }
  });

  describe("without SourceKeyId", () => {
    const unknownCiphertext = (arn: string) =>
      `AccessDeniedException: User: ${arn} is not authorized to perform: kms:ReEncryptFrom on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;

    it("tells nothing about the source key to those who may not use it", async () => {
      const user = await kms.someone([allowing("kms:ReEncryptTo")]);
      expect(await kms.refused(reEncrypt({}, user.client))).toBe(unknownCiphertext(user.arn));
    });

    it("looks at the state of both keys", async () => {
      const disabled = await kms.keyIn("Disabled");
      expect(await kms.refused(reEncrypt({ DestinationKeyId: disabled.id }))).toBe(`DisabledException: ${disabled.arn} is disabled.`);
      const doomed = await kms.key();
      const blob = await sealed(doomed.id);
      await kms.schedule(doomed.id);
      expect(await kms.refused(reEncrypt({ CiphertextBlob: blob }))).toBe(`KMSInvalidStateException: ${doomed.arn} is pending deletion.`);
      kms.advance({ days: 7 });
      expect(await kms.refused(reEncrypt({ CiphertextBlob: blob }))).toBe(unknownCiphertext(ADMINISTRATOR));
    });
  });

  it("needs kms:ReEncryptFrom and kms:ReEncryptTo; there is no kms:ReEncrypt", async () => {
    const user = await kms.someone([allowing("kms:ReEncrypt")]);
    expect(await kms.refused(fromKey(user.client, from.arn))).toContain(
      `is not authorized to perform: kms:ReEncryptFrom on resource: ${from.arn}`,
    );
    const both = await kms.someone([allowing("kms:ReEncryptFrom", from.arn), allowing("kms:ReEncryptTo", to.arn)]);
    expect((await fromKey(both.client, from.arn)).KeyId).toBe(to.arn);
  });

  it("works across accounts, with one key or both in another", async () => {
    const [shared, open] = [await sharedKey(kms), await sharedKey(kms)];
    const user = await kms.someone([allowing(["kms:ReEncryptFrom", "kms:ReEncryptTo"])], OTHER_ACCOUNT);
    expect((await fromKey(user.client, shared.arn, { DestinationKeyId: open.arn })).KeyId).toBe(open.arn);
    await setPolicy(kms, open.id, [{ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }]);
    expect(await kms.refused(fromKey(user.client, shared.arn, { DestinationKeyId: open.arn }), undefined, OTHER_ACCOUNT)).toContain(
      "is not authorized to perform: kms:ReEncryptTo on this resource because the resource does not exist in this Region",
    );
  });

  it("with DryRun and IGNORE_CIPHERTEXT needs no ciphertext but the name of its key", async () => {
    const trial = {
      DryRun: true,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
      CiphertextBlob: undefined,
    } satisfies Partial<ReEncryptCommandInput>;
    expect(await kms.refused(reEncrypt({ ...trial, SourceKeyId: from.id }))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await kms.refused(reEncrypt(trial))).toBe(
      "ValidationException: 1 validation error detected: Value null at 'sourceKeyId' failed to satisfy constraint: Member must not be null",
    );
  });

  describe("source:", () => {
    itTakesEveryIdentifier(kms, "kms:ReEncryptFrom", fromKey, "sourceKeyId");
    itFollowsKeyStates(kms, fromKey, cryptographic);
    itNeedsPermission(kms, "kms:ReEncryptFrom", fromKey, [allowing("kms:ReEncryptTo")]);
    itCanBeTried(kms, "kms:ReEncryptFrom", fromKey);
  });

  describe("destination:", () => {
    itTakesEveryIdentifier(kms, "kms:ReEncryptTo", toKey, "destinationKeyId");
    itFollowsKeyStates(kms, toKey, cryptographic);
    itNeedsPermission(kms, "kms:ReEncryptTo", (client, key) => toKey(client, key, { SourceKeyId: from.id }), [
      allowing("kms:ReEncryptFrom"),
    ]);
    itRequires(kms, "destinationKeyId", (client) => client.send(new ReEncryptCommand({ CiphertextBlob } as never)));
  });
});
