import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, call, errorOf, send } from "../pipeline/signed-request.ts";
import { HOME, type Service, startService } from "../service.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const always = {
  "cache-control": "no-cache, no-store, must-revalidate, private",
  expires: "0",
  pragma: "no-cache",
  date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
  "content-type": "application/x-amz-json-1.1",
  "x-amzn-requestid": expect.stringMatching(UUID),
  "x-trent-version": expect.stringMatching(/^\d+\.\d+\.\d+/),
};

describe("every answer carries AWS's headers and no others", () => {
  const namesOf = ({ headers }: Answer) => Object.keys(headers).sort();
  const names = [...Object.keys(always), "connection", "content-length"].sort();

  test("a success", async () => {
    const answer = await call(service, "ListKeys", {});
    expect(answer.headers).toMatchObject({ ...always, "content-length": String(Buffer.byteLength(answer.text)) });
    expect(namesOf(answer)).toEqual(names);
  });

  test("a success without output: an empty body, and JSON by its name", async () => {
    const { KeyMetadata } = JSON.parse((await call(service, "CreateKey", {})).text);
    const answer = await call(service, "DisableKey", { KeyId: KeyMetadata.KeyId });
    expect(answer).toMatchObject({ status: 200, text: "", headers: { ...always, "content-length": "0" } });
    expect(namesOf(answer)).toEqual(names);
  });

  test("a refusal: no X-Amzn-ErrorType", async () => {
    const answer = await call(service, "DescribeKey", { KeyId: "alias/none" });
    expect(answer).toMatchObject({ status: 400, headers: always });
    expect(namesOf(answer)).toEqual(names);
    expect(Object.keys(JSON.parse(answer.text))).toEqual(["__type", "message"]);
  });

  test("a refusal without a text has no message member", async () => {
    const answer = await call(service, "Decrypt", { CiphertextBlob: Buffer.alloc(100).toString("base64") });
    expect(answer.text).toBe('{"__type":"InvalidCiphertextException"}');
  });

  test("what is wrong with a body is said in AWS's capital Message", async () => {
    const answer = await call(service, "DescribeKey", { KeyId: 1 });
    expect(Object.keys(JSON.parse(answer.text))).toEqual(["__type", "Message"]);
  });

  test("every answer has a request id of its own", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await call(service, "ListKeys", {})).requestId));
    expect(new Set(ids).size).toBe(20);
  });
});

describe("a browser", () => {
  const preflight = {
    origin: "https://example.com",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-amz-date,x-amz-target",
  };
  const options = (headers: Record<string, string>) => send(service.url, { method: "OPTIONS", path: "/", headers, body: Buffer.alloc(0) });

  test("that asks whether it may call is told yes, as AWS tells it", async () => {
    const { status, headers, text } = await options(preflight);
    expect({ status, text }).toEqual({ status: 200, text: "" });
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-headers": preflight["access-control-request-headers"],
      "access-control-allow-methods": "POST",
      "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
      "access-control-max-age": "172800",
      "cache-control": always["cache-control"],
      "x-amzn-requestid": always["x-amzn-requestid"],
    });
  });

  test("may read success and refusal", async () => {
    const exposed = {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
    };
    const fromPage = { headers: { origin: preflight.origin } };
    expect((await call(service, "ListKeys", {}, fromPage)).headers).toMatchObject(exposed);
    expect((await call(service, "DescribeKey", {}, fromPage)).headers).toMatchObject(exposed);
  });

  test("is not answered so when there is no Origin", async () => {
    expect((await call(service, "ListKeys", {})).headers).not.toHaveProperty("access-control-allow-origin");
    expect((await options({})).status).toBe(403);
  });

  test("cannot put a header of its own into the answer", async () => {
    const { headers } = await options({ ...preflight, "access-control-request-headers": "a, x-evil: 1" });
    expect(headers).not.toHaveProperty("x-evil");
  });
});

describe("a signed URL", () => {
  interface Presigning {
    readonly service?: string;
    readonly method?: string;
    readonly query?: Record<string, string>;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly expiresIn?: number;
    readonly date?: Date;
  }

  /** Sends what the SDK's own signer presigned, maybe with other headers or another query than it knew. */
  async function presigned({
    service: of = "sts",
    method = "GET",
    query = IDENTITY,
    headers = {},
    body = "",
    expiresIn = 60,
    date = new Date(),
  }: Presigning) {
    const { sha256 } = new STSClient({ region: HOME }).config;
    const signer = new SignatureV4({ service: of, region: HOME, credentials: service.administrator, sha256 });
    const { hostname, port, host } = new URL(service.url);
    const request = { protocol: "http:", hostname, port: Number(port), method, path: "/", query, headers: { host, ...headers }, body };
    const signed = await signer.presign(request, { expiresIn, signingDate: date, unhoistableHeaders: new Set(["x-amz-target"]) });
    const search = new URLSearchParams(signed.query as Record<string, string>);
    return send(service.url, { method, path: `/?${search}`, headers: signed.headers, body: Buffer.from(body) });
  }
  const IDENTITY = { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const codeOf = ({ text }: Answer) => /<Code>(\w+)<\/Code>/.exec(text)?.[1];

  test("of GetCallerIdentity tells who signed it", async () => {
    const { Arn = "" } = await service.sts().send(new GetCallerIdentityCommand({}));
    const answer = await presigned({ headers: { "x-k8s-aws-id": "cluster" } });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "text/xml" } });
    expect(answer.text).toContain(`<Arn>${Arn}</Arn>`);
  });

  test("is refused when it is old, or was changed", async () => {
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    expect(codeOf(await presigned({ date: minutes(-16), expiresIn: 3600 }))).toBe("SignatureDoesNotMatch");
    expect(codeOf(await presigned({ date: minutes(16) }))).toBe("SignatureDoesNotMatch");
    expect((await presigned({ method: "HEAD" })).status).not.toBe(200);
  });

  test("of any other operation is refused", async () => {
    expect(codeOf(await presigned({ query: { Action: "AssumeRole", Version: "2011-06-15" } }))).toBe("MissingAuthenticationToken");
    const kms = {
      service: "kms",
      method: "POST",
      query: {},
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.CreateKey" },
      body: "{}",
    };
    const before = (await service.log()).length;
    expect(errorOf(await presigned(kms))).toEqual({ name: "MissingAuthenticationTokenException", text: "Missing Authentication Token" });
    expect(await service.log()).toHaveLength(before);
  });

  test("of KMS is refused by GET, whatever the operation", async () => {
    const answer = await presigned({ service: "kms", query: { Action: "GenerateRandom", NumberOfBytes: "32" } });
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.text).toContain("<AccessDeniedException>");
  });
});
