/** What the REST API's template makes of a request, and what a function makes of that. The template itself runs on the stacks of `test/stack`. */
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf } from "#lambda";
import { requestTemplate } from "#lib/constructs/ingress/rest-templates";
import type { AnyOperation } from "#operation";
import { type FunctionUrlEvent, through } from "./function-url.ts";
import { REGION, startStore } from "./store.ts";

const SERVED: readonly AnyOperation[] = FACES.flatMap(({ operations }) => Object.values(operations));
const template = requestTemplate({ targets: new Map(), services: new Map(), query: "q", otherwise: "o" }, String, false);
const [, listed = ""] = /"headers":\{(.*?)\},"body"/.exec(template) ?? [];
/** The headers that the template asks for, by name. */
const HEADERS = [...listed.matchAll(/"([A-Za-z0-9-]+)":"/g)].map(([, name]) => name ?? "");

/** The event of the template for a request: of its headers only those that it knows, absent ones as empty texts, and no Content-Length. */
const restEvent = ({ rawPath, rawQueryString, headers, requestContext: { http }, body }: FunctionUrlEvent) => ({
  via: "rest",
  method: http.method,
  path: rawPath,
  query: rawQueryString,
  peer: http.sourceIp,
  headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name.toLowerCase()] ?? ""])),
  body,
});

let store: Awaited<ReturnType<typeof startStore>>;
let handler: ReturnType<typeof dispatchHandlerOf>;
beforeAll(async () => {
  store = await startStore();
  const environment = store.environmentOf(...SERVED);
  for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
  handler = dispatchHandlerOf(FACES, { version: "0", environment });
});
afterAll(() => {
  vi.unstubAllEnvs();
  store.stop();
});

test("the template carries every header that may be signed, but Content-Length, which is rebuilt", () => {
  expect(HEADERS).toEqual(
    expect.arrayContaining(["Authorization", "Host", "Content-Type", "X-Amz-Date", "X-Amz-Target", "X-Amz-Security-Token"]),
  );
  expect(HEADERS).not.toContain("Content-Length");
});

test("the template writes nothing but its JSON: no line break, and each #if and #set where it ends", () => {
  expect(template).not.toContain("\n");
  expect(template.match(/#if\(/g)?.length).toBe(template.match(/#end/g)?.length);
});

describe("a signed request that came through the REST API is served", () => {
  const options = () => ({
    region: REGION,
    endpoint: "https://id.execute-api.example/v1",
    credentials: store.credentials,
    maxAttempts: 1,
    requestHandler: through(handler, restEvent),
  });

  test("in JSON", async () => {
    await expect(new KMSClient(options()).send(new ListKeysCommand({}))).resolves.toMatchObject({ Keys: [] });
  });

  test("as a query", async () => {
    await expect(new STSClient(options()).send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({ UserId: expect.any(String) });
  });
});

describe("an event that is none of the template's is refused as AWS refuses a broken request:", () => {
  const whole = { via: "rest", method: "POST", path: "/v1/", query: "", peer: "203.0.113.7", headers: { Host: "a" }, body: "e30=" };

  test.each(Object.entries({ method: 1, path: null, query: {}, peer: undefined, headers: [], body: "{}", via: "other" }))(
    "%s",
    async (part, value) => {
      const reply = await handler({ ...whole, [part]: value });
      expect(reply.statusCode).toBe(400);
      expect(JSON.parse(reply.body)).toMatchObject({ __type: "SerializationException" });
    },
  );

  test("whatever stands where a part should", async () => {
    const parts = fc.constantFrom(...Object.keys(whole));
    await fc.assert(
      fc.asyncProperty(parts, fc.jsonValue(), async (part, value) => {
        const { statusCode } = await handler({ ...whole, [part]: value });
        expect(statusCode).toBeGreaterThanOrEqual(400);
        expect(statusCode).toBeLessThan(500);
      }),
    );
  });
});
