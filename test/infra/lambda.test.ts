import { DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf, handlerOf, type LambdaOptions } from "#lambda";
import type { AnyOperation } from "#operation";
import { eventOf, type FunctionUrlEvent, type Invoke, through } from "./function-url.ts";
import { REGION, startStore } from "./store.ts";

const [KMS] = FACES;
const operation = (name: string) => KMS?.operations[name] as AnyOperation;
const functionOf = (name: string, options: LambdaOptions): Invoke => handlerOf(KMS as NonNullable<typeof KMS>, operation(name), options);

let logged: string[];

beforeEach(() => {
  logged = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("an event that holds no whole request is refused as AWS refuses one, without a look at the store:", () => {
  const JSON_BODY = `{"KeyId":"k"}`;
  const whole = eventOf({
    method: "POST",
    path: "/",
    headers: { host: "trent.example", "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.DescribeKey" },
    body: JSON_BODY,
  });
  const http = whole.requestContext.http;
  const inContext = (changed: object) => ({ ...whole, requestContext: { ...whole.requestContext, http: { ...http, ...changed } } });

  // Nothing in this environment can be reached.
  const handler = functionOf("DescribeKey", { version: "1.2.3", environment: {} });

  const CASES: Readonly<Record<string, readonly [event: unknown, status: number, fault: string]>> = {
    nothing: [undefined, 400, "SerializationException"],
    null: [null, 400, "SerializationException"],
    "a text": ["{}", 400, "SerializationException"],
    "a list": [[whole], 400, "SerializationException"],
    "an empty object": [{}, 400, "SerializationException"],
    "an event of another service": [{ Records: [{ eventSource: "aws:sqs", body: JSON_BODY }] }, 400, "SerializationException"],
    "no requestContext": [{ ...whole, requestContext: undefined }, 400, "SerializationException"],
    "a requestContext without http": [{ ...whole, requestContext: {} }, 400, "SerializationException"],
    "a requestContext that is a list": [{ ...whole, requestContext: [] }, 400, "SerializationException"],
    "http that is a text": [{ ...whole, requestContext: { http: "POST" } }, 400, "SerializationException"],
    "no method": [inContext({ method: undefined }), 400, "SerializationException"],
    "a method that is no text": [inContext({ method: ["POST"] }), 400, "SerializationException"],
    "no peer address": [inContext({ sourceIp: undefined }), 400, "SerializationException"],
    "no path": [{ ...whole, rawPath: undefined }, 400, "SerializationException"],
    "a query that is an object": [{ ...whole, rawQueryString: { a: "b" } }, 400, "SerializationException"],
    "no headers": [{ ...whole, headers: undefined }, 400, "SerializationException"],
    "headers as a list": [{ ...whole, headers: Object.entries(whole.headers) }, 400, "SerializationException"],
    "a header as a list": [
      { ...whole, headers: { ...whole.headers, "x-amz-target": ["TrentService.DescribeKey"] } },
      400,
      "SerializationException",
    ],
    "a header that is null": [{ ...whole, headers: { ...whole.headers, authorization: null } }, 400, "SerializationException"],
    "cookies that are no texts": [{ ...whole, cookies: [{ toString: 1 }] }, 400, "SerializationException"],
    "no body": [{ ...whole, body: undefined, isBase64Encoded: false }, 400, "SerializationException"],
    "a body that is an object": [{ ...whole, body: { KeyId: "k" } }, 400, "SerializationException"],
    "a body that is not the base64 it is said to be": [{ ...whole, body: JSON_BODY }, 400, "SerializationException"],
    "base64 that is cut off": [{ ...whole, body: whole.body.slice(0, -1) }, 400, "SerializationException"],
    "base64 that is not said to be": [{ ...whole, isBase64Encoded: false }, 400, "SerializationException"],
    "a flag that is a text": [{ ...whole, isBase64Encoded: "true" }, 400, "SerializationException"],
    "a body over the limit": [{ ...whole, body: Buffer.alloc(1_048_577, " ").toString("base64") }, 413, "RequestEntityTooLargeException"],
    "a target twice": [
      { ...whole, headers: { ...whole.headers, "X-Amz-Target": "TrentService.Encrypt" } },
      400,
      "UnknownOperationException",
    ],
    "another operation's target": [
      { ...whole, headers: { ...whole.headers, "x-amz-target": "TrentService.Encrypt" } },
      400,
      "UnknownOperationException",
    ],
    "no signature": [whole, 400, "MissingAuthenticationTokenException"],
    "a signature that is an empty text": [
      { ...whole, headers: { ...whole.headers, authorization: "" } },
      400,
      "MissingAuthenticationTokenException",
    ],
  };

  test.each(Object.entries(CASES))("%s", async (_, [event, status, fault]) => {
    const reply = await handler(event);

    expect(reply).toMatchObject({ statusCode: status, isBase64Encoded: false, headers: { "x-trent-version": "1.2.3" } });
    expect(reply.headers["x-amzn-RequestId"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(reply.body)).toMatchObject({ __type: fault });
    expect(logged.filter((line) => line.includes(`"error"`))).toEqual([]);
  });

  test("whatever stands where a part should", async () => {
    const places = ["requestContext", "rawPath", "rawQueryString", "headers", "cookies", "body", "isBase64Encoded"] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.jsonValue(), async (place, value) => {
        const { statusCode } = await handler({ ...whole, [place]: value });
        expect(statusCode).toBeGreaterThanOrEqual(400);
        expect(statusCode).toBeLessThan(500);
      }),
    );
  });

  test("whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (event) => {
        expect((await handler(event)).statusCode).toBe(400);
      }),
    );
  });
});

describe("a signed request is served whatever the gateway did to it:", () => {
  const GATEWAYS: Readonly<Record<string, (event: FunctionUrlEvent) => unknown>> = {
    nothing: (event) => event,
    "drops Content-Length": ({ headers: { "content-length": _, ...headers }, ...event }) => ({ ...event, headers }),
    "sends absent headers as empty texts": (event) => ({
      ...event,
      headers: { ...event.headers, "content-length": "", "x-amz-security-token": "" },
    }),
    "changes the letter case of names": (event) => ({
      ...event,
      headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toUpperCase(), value])),
    }),
    "sends text as it is": (event) => ({ ...event, body: Buffer.from(event.body, "base64").toString(), isBase64Encoded: false }),
    "leaves out what is empty": ({ rawQueryString: _, ...event }) => event,
    "takes cookies out of the headers": ({ headers: { cookie = "", ...headers }, ...event }) => ({
      ...event,
      headers,
      cookies: cookie.split("; "),
    }),
  };

  test.each(Object.entries(GATEWAYS))("%s", async (_, gateway) => {
    const store = await startStore();
    const environment = store.environmentOf(operation("ListKeys"));
    for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
    const handler = functionOf("ListKeys", { version: "0", environment });
    const client = kmsOf(store.credentials, handler, gateway);
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["cookie"] = "a=b; c=d";
        return next(args);
      },
      { step: "build" },
    );

    const { Keys } = await client.send(new ListKeysCommand({}));

    expect(Keys).toEqual([]);
    store.stop();
  });
});

describe("what is wrong with the function is answered like any outage, and told to the operator:", () => {
  test("a store without domain keys; once they are there the same instance serves", async () => {
    const store = await startStore({ initialised: false });
    const environment = store.environmentOf(operation("ListKeys"));
    for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
    const handler = functionOf("ListKeys", { version: "0", environment });

    await expect(kmsOf(store.credentials, handler).send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: "DependencyTimeoutException",
      $metadata: { httpStatusCode: 500 },
    });
    const credentials = await store.initialise();

    await expect(kmsOf(credentials, handler).send(new ListKeysCommand({}))).resolves.toMatchObject({ Keys: [] });
    store.stop();
  });

  const somebody = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "s3cr3t" };
  const variables = { AWS_REGION: REGION, TRENT_REGION: REGION, TRENT_ROOT_KEY: "AAAA" };

  test.each([
    ["no root", { ...variables, TRENT_ROOT_KEY: undefined }, "TRENT_ROOT_KEY is not set"],
    ["a root that is none", variables, "TRENT_ROOT_KEY is not base64 of 64 bytes"],
    ["no home Region", { ...variables, TRENT_REGION: undefined }, "TRENT_REGION is not set"],
    ["records kept for no time", { ...variables, TRENT_LOG_DAYS: "9" }, "TRENT_LOG_DAYS does not say how long records are kept"],
    ["a quota profile that there is not", { ...variables, TRENT_QUOTAS: "toString" }, "TRENT_QUOTAS is not the name of a profile"],
  ])("%s", async (_, environment, told) => {
    const handler = functionOf("DescribeKey", { version: "0", environment });

    await expect(kmsOf(somebody, handler).send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({
      name: "KMSInternalException",
      $metadata: { httpStatusCode: 500 },
    });
    expect(logged.join("")).toContain(told);
  });

  test("a table that the function was not given", async () => {
    const store = await startStore();
    const { TABLE_LOG: _, ...environment } = store.environmentOf(operation("ListKeys"));
    for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
    const handler = functionOf("ListKeys", { version: "0", environment });

    await expect(kmsOf(store.credentials, handler).send(new ListKeysCommand({}))).rejects.toMatchObject({ name: "KMSInternalException" });
    store.stop();
  });

  test("another Region than its own is refused", async () => {
    const handler = functionOf("DescribeKey", { version: "0", environment: { ...variables, AWS_REGION: "us-east-1" } });

    await expect(kmsOf(somebody, handler).send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({
      name: "InvalidSignatureException",
      message: `Credential should be scoped to a valid region, not '${REGION}'.`,
    });
  });
});

test("the gateway says how its message is framed", async () => {
  const handler = dispatchHandlerOf(FACES, { version: "0", environment: {} });

  const { headers } = await handler({});

  expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toContain("content-length");
});

function kmsOf(
  credentials: { accessKeyId: string; secretAccessKey: string },
  handler: Invoke,
  gateway?: (event: FunctionUrlEvent) => unknown,
) {
  const requestHandler = through(handler, gateway);
  return new KMSClient({ region: REGION, endpoint: "https://trent.example", credentials, maxAttempts: 1, requestHandler });
}
