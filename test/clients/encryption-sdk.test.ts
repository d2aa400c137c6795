/** The AWS Encryption SDK keeps its data keys under keys of Trent. @see AWS Encryption SDK Developer Guide */
import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  KMS,
  KmsKeyringNode,
  type KmsKeyringNodeInput,
  limitRegions,
  MultiKeyringNode,
} from "@aws-crypto/client-node";
import { CreateAliasCommand, DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowing, startKms, type TestUser } from "../kms/start.ts";
import { ACCOUNT, type Credentials, HOME } from "../service.ts";

const OTHER = "eu-west-1";
const PLAINTEXT = randomBytes(10_000);
const encryptionContext = { purpose: "orders", "aws:origin": "here" };

type ClientProvider = NonNullable<KmsKeyringNodeInput["clientProvider"]>;

const SUITES = Object.values(AlgorithmSuiteIdentifier).filter((suite) => typeof suite === "number");
const commits = (suite: AlgorithmSuiteIdentifier): boolean => AlgorithmSuiteIdentifier[suite].includes("COMMIT_KEY");
const signs = (suite: AlgorithmSuiteIdentifier): boolean => AlgorithmSuiteIdentifier[suite].includes("ECDSA");
const { FORBID_ENCRYPT_ALLOW_DECRYPT, REQUIRE_ENCRYPT_ALLOW_DECRYPT, REQUIRE_ENCRYPT_REQUIRE_DECRYPT } = CommitmentPolicy;
/** Commits, and lets everything be read. */
const client = buildClient(REQUIRE_ENCRYPT_ALLOW_DECRYPT);

describe("the AWS Encryption SDK", () => {
  const kms = startKms();
  const opened: KMS[] = [];
  let key = "";
  let faraway = "";
  beforeAll(async () => {
    key = (await kms.key()).arn;
    faraway = (await kms.key({}, kms.kms(undefined, OTHER))).arn;
  });
  afterAll(() => {
    for (const one of opened) one.destroy();
  });

  const clientProvider =
    (credentials: Credentials = kms.administrator): ClientProvider =>
    (region) => {
      const one = new KMS({ endpoint: kms.url, region: region || HOME, credentials, maxAttempts: 1 });
      opened.push(one);
      // Under exactOptionalPropertyTypes the Encryption SDK's own types do not take the client that it exports.
      return one as unknown as ReturnType<ClientProvider>;
    };
  const strict = (generatorKeyId: string, keyIds: string[] = [], credentials?: Credentials) =>
    new KmsKeyringNode({ clientProvider: clientProvider(credentials), generatorKeyId, keyIds });
  const discovery = (accountIDs = [ACCOUNT], credentials?: Credentials, regions = [HOME, OTHER]) =>
    new KmsKeyringNode({
      clientProvider: limitRegions(regions, clientProvider(credentials)),
      discovery: true,
      discoveryFilter: { accountIDs, partition: "aws" },
    });
  const encrypt = async (suiteId?: AlgorithmSuiteIdentifier, keyring: KmsKeyringNode | MultiKeyringNode = strict(key)) =>
    (await client.encrypt(keyring, PLAINTEXT, { encryptionContext, ...(suiteId && { suiteId }) })).result;

  describe.each(SUITES.map((suite) => [AlgorithmSuiteIdentifier[suite], suite] as const))("by %s", (_, suite) => {
    const committing = commits(suite);
    const writer = committing ? client : buildClient(FORBID_ENCRYPT_ALLOW_DECRYPT);

    it("encrypts what it decrypts, with the context that it was encrypted with", async () => {
      const { result } = await writer.encrypt(strict(key), PLAINTEXT, { suiteId: suite, encryptionContext });
      const { plaintext, messageHeader } = await client.decrypt(strict(key), result);
      expect(plaintext.equals(PLAINTEXT)).toBe(true);
      expect(messageHeader.suiteId).toBe(suite);
      expect(messageHeader.encryptionContext).toMatchObject(encryptionContext);
      expect(Object.hasOwn(messageHeader.encryptionContext, "aws-crypto-public-key")).toBe(signs(suite));
    });

    it(`is ${committing ? "taken" : "refused"} by a policy that requires commitment`, async () => {
      const { result } = await writer.encrypt(strict(key), PLAINTEXT, { suiteId: suite });
      const careful = buildClient(REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
      const written = () => careful.encrypt(strict(key), PLAINTEXT, { suiteId: suite });
      const read = () => careful.decrypt(strict(key), result);
      const forbidden = () => buildClient(FORBID_ENCRYPT_ALLOW_DECRYPT).encrypt(strict(key), PLAINTEXT, { suiteId: suite });
      const [taken, refused] = committing ? [[written, read], [forbidden]] : [[forbidden], [written, read]];
      for (const call of taken) await call();
      for (const call of refused) await expect(call()).rejects.toThrow("CommitmentPolicy");
    });

    it("streams", async () => {
      const sealed = new PassThrough();
      const plain = new PassThrough();
      const sealing = pipeline([PLAINTEXT], writer.encryptStream(strict(key), { suiteId: suite, frameLength: 1024 }), sealed);
      const opening = pipeline(sealed, client.decryptStream(strict(key)), plain);
      const pieces = await plain.toArray();
      await Promise.all([sealing, opening]);
      expect(Buffer.concat(pieces).equals(PLAINTEXT)).toBe(true);
    });
  });

  it("refuses to stream what is signed to who wants to trust each part at once", async () => {
    const { ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384: signing } = AlgorithmSuiteIdentifier;
    const reading = pipeline([await encrypt(signing)], client.decryptUnsignedMessageStream(strict(key)), new PassThrough().resume());
    await expect(reading).rejects.toThrow("only un-signed messages");
  });

  it("takes a key by an alias to encrypt, and writes the key's ARN into the message", async () => {
    await kms.client.send(new CreateAliasCommand({ AliasName: "alias/messages", TargetKeyId: key }));
    const message = await encrypt(undefined, strict(`arn:aws:kms:${HOME}:${ACCOUNT}:alias/messages`));
    expect(message.includes(key)).toBe(true);
    expect((await client.decrypt(strict(key), message)).plaintext.equals(PLAINTEXT)).toBe(true);
  });

  it("opens only what is under the key that it is given", async () => {
    await expect(client.decrypt(strict((await kms.key()).arn), await encrypt())).rejects.toThrow(/unencryptedDataKey/);
  });

  describe("with a discovery keyring", () => {
    it("opens what is under any key of the accounts that it names, and no other", async () => {
      const message = await encrypt(undefined, strict(faraway));
      expect((await client.decrypt(discovery(), message)).plaintext.equals(PLAINTEXT)).toBe(true);
      await expect(client.decrypt(discovery(["999999999999"]), message)).rejects.toThrow(/unencryptedDataKey/);
      await expect(client.decrypt(discovery([ACCOUNT], undefined, [HOME]), message)).rejects.toThrow(/unencryptedDataKey/);
      await expect(client.encrypt(discovery(), PLAINTEXT)).rejects.toThrow(/unencryptedDataKey/);
    });

    it("tries each key of a message until one is allowed", async () => {
      const reader: TestUser = await kms.someone([allowing("kms:Decrypt", faraway)]);
      const message = await encrypt(undefined, strict(key, [faraway]));
      expect((await client.decrypt(discovery([ACCOUNT], reader), message)).plaintext.equals(PLAINTEXT)).toBe(true);
      const stranger = await kms.someone([]);
      await expect(client.decrypt(discovery([ACCOUNT], stranger), message)).rejects.toThrow(
        /AccessDeniedException[\s\S]*AccessDeniedException/,
      );
    });
  });

  it("with a multi-keyring of two Regions opens a message by either, also when one key is disabled", async () => {
    const both = new MultiKeyringNode({
      generator: strict(key),
      children: [new KmsKeyringNode({ clientProvider: clientProvider(), keyIds: [faraway] })],
    });
    const message = await encrypt(undefined, both);
    for (const keyring of [strict(key), strict(faraway), both])
      expect((await client.decrypt(keyring, message)).plaintext.equals(PLAINTEXT)).toBe(true);

    await kms.client.send(new DisableKeyCommand({ KeyId: key }));
    try {
      expect((await client.decrypt(both, message)).plaintext.equals(PLAINTEXT)).toBe(true);
      await expect(client.decrypt(strict(key), message)).rejects.toThrow(/DisabledException/);
      await expect(encrypt(undefined, both)).rejects.toThrow(/is disabled/);
    } finally {
      await kms.client.send(new EnableKeyCommand({ KeyId: key }));
    }
  });

  it("asks with the context of the message: policies can depend on it, and one that was altered opens nothing", async () => {
    const ofOrders = { StringEquals: { "kms:EncryptionContext:purpose": "orders" } };
    const statement = { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: key, Condition: ofOrders };
    const user = await kms.someone([{ Version: "2012-10-17", Statement: [statement] }]);
    const keyring = strict(key, [], user);
    const { result } = await client.encrypt(keyring, PLAINTEXT, { encryptionContext });
    expect((await client.decrypt(keyring, result)).plaintext.equals(PLAINTEXT)).toBe(true);
    await expect(client.encrypt(keyring, PLAINTEXT, { encryptionContext: { purpose: "other" } })).rejects.toThrow(/not authorized/);

    const altered = Buffer.from(result);
    altered.write("hers", altered.indexOf("here"));
    await expect(client.decrypt(strict(key), altered)).rejects.toThrow("InvalidCiphertextException");
  });

  it.each(SUITES.filter(commits).map((suite) => [AlgorithmSuiteIdentifier[suite], suite] as const))(
    "refuses a message of %s that was altered or cut off anywhere",
    { timeout: 60_000 },
    async (_, suite) => {
      const { result } = await client.encrypt(strict(key), "attack at dawn", { suiteId: suite, encryptionContext });
      const read: number[] = [];
      for (let at = 0; at < result.length; at += 3) {
        const altered = Buffer.from(result);
        altered.writeUInt8(altered.readUInt8(at) ^ (1 << (at % 8)), at);
        for (const message of [altered, result.subarray(0, at)])
          await client.decrypt(strict(key), message).then(
            () => read.push(at),
            () => {},
          );
      }
      expect(read).toEqual([]);
    },
  );
});
