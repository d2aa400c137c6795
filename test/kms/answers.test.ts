/** How KMS answers, byte by byte: what the SDK does not show. */
import { EncryptCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ADMINISTRATOR, keyArn, startKms, type TestKey } from "./start.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab";

describe("An answer of KMS", () => {
  const kms = startKms();
  let key: TestKey;

  beforeAll(async () => {
    key = await kms.key();
  });

  it.each([
    ["succeeds", 200, () => ({ KeyId: key.id })],
    ["is refused", 400, () => ({ KeyId: UNKNOWN })],
  ])("carries AWS's headers when the call %s", async (_, status, input) => {
    const answer = await kms.raw("DescribeKey", input());
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": expect.stringMatching(UUID),
      "cache-control": "no-cache, no-store, must-revalidate, private",
      expires: "0",
      pragma: "no-cache",
      date: expect.stringMatching(/ GMT$/),
      "content-length": String(Buffer.byteLength(answer.text)),
      "x-trent-version": expect.any(String),
    });
    expect(answer.headers).not.toHaveProperty("x-amzn-errortype");
  });

  it("has the members that there are, sorted, with seconds as a number and the list before its end", async () => {
    const { text } = await kms.raw("DescribeKey", { KeyId: key.id });
    expect(text).toBe(
      `{"KeyMetadata":{"AWSAccountId":"111122223333","Arn":"${key.arn}","CreationDate":1780315200.123,"CurrentKeyMaterialId":"${key.material}",` +
        `"CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","Description":"","Enabled":true,"EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"KeyId":"${key.id}",` +
        `"KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":false,"Origin":"AWS_KMS"}}`,
    );
    expect((await kms.raw("ListResourceTags", { KeyId: key.id })).text).toBe('{"Tags":[],"Truncated":false}');
  });

  it("has blobs as base64 with padding", async () => {
    const { text } = await kms.raw("GenerateRandom", { NumberOfBytes: 4 });
    expect(text).toMatch(/^\{"Plaintext":"[A-Za-z0-9+/]{6}=="\}$/);
  });

  it.each([
    ["DisableKey", {}],
    ["EnableKey", {}],
    ["UpdateKeyDescription", { Description: "" }],
    ["TagResource", { Tags: [] }],
    ["UntagResource", { TagKeys: [] }],
  ])("is empty when %s has nothing to say", async (operation, rest) => {
    const answer = await kms.raw(operation, { KeyId: key.id, ...rest });
    expect({ status: answer.status, text: answer.text, length: answer.headers["content-length"] }).toEqual({
      status: 200,
      text: "",
      length: "0",
    });
    expect(answer.headers["content-type"]).toBe("application/x-amz-json-1.1");
  });

  it("names the error, bare, and says what is wrong", async () => {
    const { text } = await kms.raw("DescribeKey", { KeyId: UNKNOWN });
    expect(text).toBe(`{"__type":"NotFoundException","message":"Key '${keyArn(UNKNOWN)}' does not exist"}`);
  });

  it("has no message where AWS says nothing", async () => {
    const { text, status } = await kms.raw("Decrypt", { CiphertextBlob: Buffer.from("none").toString("base64") });
    expect({ text, status }).toEqual({ text: '{"__type":"InvalidCiphertextException"}', status: 400 });
    expect((await kms.raw("CreateAlias", { AliasName: "alias/aws/a", TargetKeyId: key.id })).text).toBe(
      '{"__type":"NotAuthorizedException"}',
    );
  });

  it.each(["CreateCustomKeyStore", "ConnectCustomKeyStore", "encrypt", "Encrypt2", "toString", "__proto__"])(
    "knows no operation %s",
    async (operation) => {
      const { text, status } = await kms.raw(operation, {});
      expect({ text, status }).toEqual({ text: '{"__type":"UnknownOperationException"}', status: 400 });
    },
  );

  it.each(["", "[]", "null", '"text"', "{", "{}{}"])("refuses the body %j, which is no JSON object", async (body) => {
    const { text, status } = await kms.raw("ListKeys", body);
    expect({ text, status }).toEqual({ text: '{"__type":"SerializationException"}', status: 400 });
  });

  it("takes members that it does not know, and nulls, as if they were not there", async () => {
    const { text } = await kms.raw("ListResourceTags", { KeyId: key.id, Marker: null, keyId: 7, Nothing: { at: ["all"] } });
    expect(text).toBe('{"Tags":[],"Truncated":false}');
  });

  it.each([
    ["Encrypt", { KeyId: 1 }],
    ["Encrypt", { KeyId: {} }],
    ["Encrypt", { Plaintext: "not base64!" }],
    ["Encrypt", { EncryptionContext: { number: 1 } }],
    ["Encrypt", { EncryptionContext: [] }],
    ["Encrypt", { DryRun: "true" }],
    ["GenerateRandom", { NumberOfBytes: "32" }],
    ["GenerateRandom", { NumberOfBytes: 1.5 }],
    ["TagResource", { Tags: {} }],
  ])("refuses members of %s that are of another type: %j", async (operation, input) => {
    const { text, status } = await kms.raw(operation, { KeyId: key.id, Plaintext: "YQ==", ...input });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({ __type: "SerializationException", Message: expect.any(String) });
    expect(text).not.toContain("not base64!");
  });

  describe("to an encryption context with the name __proto__", () => {
    const context = '{"__proto__":"orders","constructor":"1"}';
    const encrypted = async (EncryptionContext: string) =>
      kms.raw("Encrypt", `{"KeyId":"${key.id}","Plaintext":"YQ==","EncryptionContext":${EncryptionContext}}`);
    const decrypted = (blob: string, EncryptionContext: string) =>
      kms.raw("Decrypt", `{"CiphertextBlob":"${blob}","EncryptionContext":${EncryptionContext}}`);

    it("treats it as a name like any other", async () => {
      const { CiphertextBlob: blob } = JSON.parse((await encrypted(context)).text);
      expect(JSON.parse((await decrypted(blob, '{"constructor":"1","__proto__":"orders"}')).text).Plaintext).toBe("YQ==");
      for (const other of ["{}", '{"constructor":"1"}', '{"constructor":"1","__proto__":"Orders"}']) {
        expect((await decrypted(blob, other)).text).toBe('{"__type":"InvalidCiphertextException"}');
      }
    });

    it("keeps it in the record", async () => {
      const told = await kms.told(await encrypted(context));
      expect(JSON.stringify(told.parameters)).toContain(`"encryptionContext":${context}`);
    });
  });

  it("refuses a name or value that is no Unicode", async () => {
    const { text } = await kms.raw("Encrypt", `{"KeyId":"${key.id}","Plaintext":"YQ==","EncryptionContext":{"a":"\\ud800"}}`);
    expect(JSON.parse(text)).toMatchObject({ __type: "SerializationException" });
  });

  it("has the id under which the call is recorded, with where it came from", async () => {
    const { $metadata } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }));
    expect($metadata.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const [row, ...others] = await kms.records($metadata.requestId);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      id: $metadata.requestId,
      record: {
        t: kms.now().getTime(),
        c: { k: "user", a: ADMINISTRATOR, i: expect.stringMatching(/^AIDA/), ak: kms.administrator.accessKeyId },
        ip: "127.0.0.1",
        ua: expect.stringContaining("aws-sdk-js/"),
        h: new URL(kms.url).host,
      },
    });
  });

  it("says nothing secret to the log: no plaintext, no ciphertext, no data key, no signature", async () => {
    const secret = "the plans are under the third stone";
    const blob = JSON.parse(
      (await kms.raw("Encrypt", { KeyId: key.id, Plaintext: Buffer.from(secret).toString("base64") })).text,
    ).CiphertextBlob;
    await kms.raw("Decrypt", { CiphertextBlob: blob });
    await kms.raw("Encrypt", { KeyId: key.id, Plaintext: Buffer.from(secret.repeat(200)).toString("base64") });
    const made = JSON.parse((await kms.raw("GenerateDataKey", { KeyId: key.id, KeySpec: "AES_256" })).text);
    const log = JSON.stringify(await kms.log()) + kms.logged.join("\n");
    const written = [
      secret,
      Buffer.from(secret).toString("base64"),
      blob,
      made.Plaintext,
      made.CiphertextBlob,
      kms.administrator.secretAccessKey,
    ];
    for (const text of written) expect(log).not.toContain(text);
  });
});
