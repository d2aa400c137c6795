import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, errorOf, kmsRequest, type Signing, send } from "../pipeline/signed-request.ts";
import { type Service, startService } from "../service.ts";

let service: Service;
let keyId: string;

beforeAll(async () => {
  service = await startService();
  const { text } = await call(service, "CreateKey", {});
  keyId = JSON.parse(text).KeyMetadata.KeyId;
});
afterAll(() => service.stop());

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const blob = (bytes: string): string => Buffer.from(bytes).toString("base64");

/** The error of an Encrypt whose body is written by hand. */
const encryptError = async (body: string | Uint8Array) => (await call(service, "Encrypt", body)).error;

describe("a body that is not the JSON of an object", () => {
  test.each([
    ["nothing", ""],
    ["half an object", '{"KeyId":'],
    ["two objects", "{}{}"],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"{}"'],
    ["a number", "1"],
    ["single quotes", "{'KeyId':'a'}"],
    ["a trailing comma", '{"KeyId":"a",}'],
    ["a comment", '{} // "'],
    ["a byte order mark", "\uFEFF{}"],
    ["zero bytes", "\0\0\0\0"],
    ["NaN", '{"KeyId":NaN}'],
    ["a list 10,000 deep", nested(10_000)],
    ["an object 100,000 deep", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    ["an unknown member 10,000 deep", `{"Extra":${nested(10_000)}}`],
    ["a known member 10,000 deep", `{"KeyId":${nested(10_000)}}`],
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["UTF-8 cut short", Buffer.from('{"KeyId":"é"}').subarray(0, 11)],
    ["an overlong encoding", Buffer.concat([Buffer.from('{"KeyId":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ["a surrogate in UTF-8", Buffer.concat([Buffer.from('{"KeyId":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])],
    ["UTF-16", Buffer.from("{}", "utf16le")],
  ])("is refused as unreadable: %s", async (_, body) => {
    expect(await call(service, "Encrypt", body)).toMatchObject({ status: 400, text: '{"__type":"SerializationException"}' });
  });

  test("is refused before anybody asks who sent it", async () => {
    expect(await call(service, "Encrypt", "{", { credentials: undefined })).toMatchObject({ error: { name: "SerializationException" } });
  });
});

describe("a member of the wrong kind", () => {
  const of = (members: object) => JSON.stringify({ KeyId: keyId, Plaintext: blob("a"), ...members });

  test.each([
    [{ KeyId: 1 }, "class java.math.BigDecimal can not be converted to an String"],
    [{ KeyId: true }, "class java.lang.Boolean can not be converted to an String"],
    [{ KeyId: {} }, "Start of structure or map found where not expected."],
    [{ KeyId: [] }, "Start of list found where not expected"],
    [{ Plaintext: 1 }, "class java.math.BigDecimal can not be converted to a Blob"],
    [{ Plaintext: "a" }, "The value can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 1"],
    [{ Plaintext: "a-_=" }, "The value can not be converted to a Blob: Invalid Base64 character"],
    [
      { Plaintext: "YWI =" },
      "The value can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
    ],
    [{ Plaintext: "YW=I" }, "The value can not be converted to a Blob: Invalid Base64 character"],
    [{ Plaintext: "YR==" }, "The value can not be converted to a Blob: Invalid last non-pad Base64 character dectected"],
    [{ DryRun: "true" }, "'TRUE' can not be converted to an Boolean"],
    [{ DryRun: 1 }, "class java.math.BigDecimal can not be converted to an Boolean"],
    [{ EncryptionContext: "a" }, "Expected map or null"],
    [{ EncryptionContext: [] }, "Start of list found where not expected"],
    [{ EncryptionContext: { a: 1 } }, "class java.math.BigDecimal can not be converted to an String"],
    [{ EncryptionContext: { a: {} } }, "Start of structure or map found where not expected."],
    [{ GrantTokens: "a" }, "Expected list or null"],
    [{ GrantTokens: {} }, "Start of structure or map found where not expected."],
    [{ GrantTokens: [1] }, "class java.math.BigDecimal can not be converted to an String"],
  ])("is refused: %j", async (members, text) => {
    expect(await encryptError(of(members))).toEqual({ name: "SerializationException", text });
  });

  test.each([
    ["1.5", "class java.math.BigDecimal can not be converted to an Integer"],
    ["1e400", "class java.math.BigDecimal can not be converted to an Integer"],
    ["2147483648", "class java.lang.Long can not be converted to an Integer"],
    ['"32"', "class java.lang.String can not be converted to an Integer"],
  ])("is refused as an integer: %s", async (number, text) => {
    expect((await call(service, "GenerateRandom", `{"NumberOfBytes":${number}}`)).error).toEqual({ name: "SerializationException", text });
  });

  test.each(['"\\ud800"', '"a\\udc00b"', '"\\ud800\\ud800"'])("is refused with half a surrogate pair: %s", async (text) => {
    const refused = { name: "SerializationException", text: "A string is not well-formed Unicode" };
    expect(await encryptError(`{"KeyId":${text},"Plaintext":"YQ=="}`)).toEqual(refused);
    expect(await encryptError(`{"KeyId":"${keyId}","Plaintext":"YQ==","EncryptionContext":{"a":${text}}}`)).toEqual(refused);
    expect(await encryptError(`{"KeyId":"${keyId}","Plaintext":"YQ==","EncryptionContext":{${text}:"a"}}`)).toEqual(refused);
  });
});

describe("odd but readable JSON", () => {
  test("of duplicate members the last one counts", async () => {
    const sent = `{"KeyId":"none","KeyId":"${keyId}","Plaintext":"${blob("first")}","Plaintext":"${blob("last")}"}`;
    const { CiphertextBlob } = JSON.parse((await call(service, "Encrypt", sent)).text);
    const { text } = await call(service, "Decrypt", { CiphertextBlob });
    expect(JSON.parse(text).Plaintext).toBe(blob("last"));
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s is an ordinary name in a map", async (name) => {
    const context = `{"${name}":"x"}`;
    const encrypted = await call(service, "Encrypt", `{"KeyId":"${keyId}","Plaintext":"YQ==","EncryptionContext":${context}}`);
    expect(encrypted.status).toBe(200);
    const { CiphertextBlob } = JSON.parse(encrypted.text);
    const decrypt = (bound: string) => call(service, "Decrypt", `{"CiphertextBlob":"${CiphertextBlob}","EncryptionContext":${bound}}`);
    expect(JSON.parse((await decrypt(context)).text).Plaintext).toBe("YQ==");
    expect((await decrypt("{}")).text).toBe('{"__type":"InvalidCiphertextException"}');
    expect((await decrypt(`{"${name}":"y"}`)).text).toBe('{"__type":"InvalidCiphertextException"}');
    const [record] = await service.records(encrypted.requestId);
    expect(Object.entries(record?.record.q.encryptionContext)).toEqual([[name, "x"]]);
  });

  test.each(["__proto__", "constructor", "keyid", "KEYID", "Extra", ""])("an unknown member is ignored: %j", async (name) => {
    const { status } = await call(service, "DescribeKey", `{"${name}":{"KeyId":"none"},"KeyId":"${keyId}"}`);
    expect(status).toBe(200);
  });

  test("a member of the prototype is not taken for a member that was sent", async () => {
    const { error } = await call(service, "DescribeKey", `{"__proto__":{"KeyId":"${keyId}"}}`);
    expect(error.text).toBe("1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null");
  });

  test("null counts as absent, in lists and maps too", async () => {
    const sent = `{"KeyId":"${keyId}","Plaintext":"YQ==","EncryptionContext":{"a":null},"GrantTokens":[null],"DryRun":null}`;
    const { CiphertextBlob } = JSON.parse((await call(service, "Encrypt", sent)).text);
    expect((await call(service, "Decrypt", { CiphertextBlob })).status).toBe(200);
    expect((await call(service, "DescribeKey", { KeyId: null })).error.name).toBe("ValidationException");
  });
});

describe("a request that is not one of the protocol", () => {
  const post = (headers: Record<string, string>, method = "POST", path = "/") => {
    const { host = "" } = kmsRequest(service, "", "").headers;
    return send(service.url, { method, path, headers: { host, ...headers }, body: Buffer.from("{}") });
  };
  const json = "application/x-amz-json-1.1";
  const target = "TrentService.ListKeys";
  const unknown = { status: 400, text: '{"__type":"UnknownOperationException"}' };
  const denied =
    "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n";

  test.each([
    ["no target", undefined],
    ["no service", "ListKeys"],
    ["another service", "DynamoDB_20120810.ListTables"],
    ["an operation that is none", "TrentService.Nothing"],
    ["another letter case", "TrentService.listKeys"],
    ["a name of the prototype", "TrentService.constructor"],
    ["an operation that Trent has not", "TrentService.CreateCustomKeyStore"],
    ["a name too many", "TrentService.Keys.ListKeys"],
    ["a dot only", "."],
    ["two targets", "TrentService.ListKeys,TrentService.ListKeys"],
  ])("is an unknown operation: %s", async (_, named) => {
    expect(await post({ "content-type": json, ...(named !== undefined && { "x-amz-target": named }) })).toMatchObject(unknown);
  });

  test.each(["text/plain", "application/xml", "application/x-amz-cbor-1.1", "application/x-amz-json-1.1x", ""])(
    "is not looked at when its content type is %j",
    async (type) => {
      expect(await post({ "content-type": type, "x-amz-target": target })).toMatchObject({
        status: 404,
        text: "<UnknownOperationException/>\n",
      });
      expect(await post({ "content-type": type })).toMatchObject({ status: 403, text: denied });
    },
  );

  test.each(["application/x-amz-json-1.0", "application/x-amz-json-1.1; charset=utf-8", "Application/X-Amz-Json-1.1"])(
    "is answered in JSON 1.1 when its content type is %s",
    async (type) => {
      const signed = await call(service, "ListKeys", {}, { headers: { "content-type": type } } satisfies Signing);
      expect(signed).toMatchObject({ status: 200, headers: { "content-type": json } });
    },
  );

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("is refused when its method is %s", async (method) => {
    expect(await post({ "content-type": json, "x-amz-target": target }, method)).toMatchObject({ status: 403, text: denied });
  });

  test("may have any path: only the signature looks at it", async () => {
    const answer = await post({ "content-type": json, "x-amz-target": target }, "POST", "/any/where?x=1");
    expect(errorOf(answer).name).toBe("MissingAuthenticationTokenException");
  });
});
