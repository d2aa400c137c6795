import { describe, expect, test } from "vitest";
import type { HttpRequest } from "#wire/http";
import { expecting, KMS, presigned, refusal, sdkRequest, signed, verify, withHeaders } from "./sigv4-signers.ts";

const NAMES = new Set([
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
]);

/** Each text that differs from the given one in one byte: changed, left out, or put in. */
function* changes(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    for (const other of [code ^ 0x01, code ^ 0x20, code ^ 0x80, 0x00, 0x0a, 0x20, 0x2c, 0x2f, 0x3b, 0x3d, 0x41, 0x61, 0x30]) {
      if (other !== code) yield text.slice(0, at) + String.fromCharCode(other) + text.slice(at + 1);
    }
    yield text.slice(0, at) + text.slice(at + 1);
    yield `${text.slice(0, at)}!${text.slice(at)}`;
    yield `${text.slice(0, at)}${text[at]}${text.slice(at)}`;
  }
  yield `${text}\u0000`;
  yield `${text}/`;
}

/** Runs of spaces in a header mean one space; those around it, none. */
const folded = (text: string) =>
  text
    .split(/[ \t\r\n]+/)
    .join(" ")
    .trim();
/** Spaces after the algorithm and around the commas of an Authorization header mean nothing. */
const listed = (text: string) => text.replace(/ *, */g, ",").replace(/ +/, " ").trimEnd();

/** Verifies each altered request; returns the first few that were believed, and how many were tried. */
function believed(altered: Iterable<HttpRequest>, expected = KMS()): { tried: number; believed: HttpRequest[] } {
  const all: HttpRequest[] = [];
  let tried = 0;
  for (const http of altered) {
    tried += 1;
    const refused = refusal(() => verify(http, expected));
    if (refused === undefined || !NAMES.has(refused.name)) all.push(http);
  }
  return { tried, believed: all.slice(0, 3) };
}

describe("a signed request with one byte changed", () => {
  test("is refused: each signed header", async () => {
    const http = await sdkRequest({ sessionToken: "a/session/token+==" });
    for (const name of [...verify(http, KMS()).signedHeaders.names]) {
      const value = http.headers.get(name) ?? "";
      const altered = [...changes(value)].filter((other) => folded(other) !== value).map((other) => withHeaders(http, { [name]: other }));
      const { tried, believed: wrongly } = believed(altered);
      expect(tried).toBeGreaterThan(value.length * 10);
      expect(wrongly.map(({ headers }) => headers.get(name))).toEqual([]);
    }
  });

  test("is refused: the Authorization header", async () => {
    const http = await sdkRequest();
    const value = http.headers.get("authorization") ?? "";
    const altered = [...changes(value)]
      .filter((other) => listed(other) !== listed(value))
      .map((authorization) => withHeaders(http, { authorization }));
    const { tried, believed: wrongly } = believed(altered);
    expect(tried).toBeGreaterThan(value.length * 10);
    expect(wrongly.map(({ headers }) => headers.get("authorization"))).toEqual([]);
  });

  test("is refused: the body", async () => {
    const http = await sdkRequest();
    const bytes = Buffer.from(http.body).toString("latin1");
    const altered = [...changes(bytes)].map((body) => ({ ...http, body: Buffer.from(body, "latin1") }));
    const { tried, believed: wrongly } = believed(altered);
    expect(tried).toBeGreaterThan(bytes.length * 10);
    expect(wrongly.map(({ body }) => Buffer.from(body).toString("latin1"))).toEqual([]);
  });

  test("is refused: the method", async () => {
    const http = await sdkRequest();
    expect(believed([...changes(http.method)].map((method) => ({ ...http, method }))).believed).toEqual([]);
  });

  // The same resource: SigV4 resolves dot segments and empty ones before it signs.
  const resource = (path: string) => /^(\/|$)/.test(path) && new URL(path.replace(/\/+/g, "/"), "http://localhost").pathname;
  test.each(["/", "/v1/", "/a%20b/c~d"])("is refused: the path %s", async (path) => {
    const http = await signed({ path });
    const altered = [...changes(path)].filter((other) => resource(other) !== resource(path)).map((other) => ({ ...http, path: other }));
    expect(altered.length).toBeGreaterThan(path.length * 8);
    expect(believed(altered).believed.map((wrongly) => wrongly.path)).toEqual([]);
  });

  // The same parameters: what a reader of the query takes from it, whatever the case of the digits of an escape.
  const parameters = (query: string) => JSON.stringify([...new URLSearchParams(query)].sort());
  test("is refused: the query", async () => {
    const http = await signed({ query: { b: "2 3/4", a: "", "a-b": "é" } });
    const altered = [...changes(http.query)]
      .filter((other) => parameters(other) !== parameters(http.query))
      .map((query) => ({ ...http, query }));
    expect(altered.length).toBeGreaterThan(http.query.length * 10);
    expect(believed(altered).believed.map(({ query }) => query)).toEqual([]);
  });

  test("is refused: the query of a presigned request, its signature included", async () => {
    const http = await presigned({ sessionToken: "a/session/token+==" });
    const expected = expecting("sts", "eu-central-1", new Date(), 900);
    expect(refusal(() => verify(http, expected))).toBeUndefined();
    const altered = [...changes(http.query)]
      .filter((other) => parameters(other) !== parameters(http.query))
      .map((query) => ({ ...http, query }));
    const { tried, believed: wrongly } = believed(altered, expected);
    expect(tried).toBeGreaterThan(http.query.length * 10);
    expect(wrongly.map(({ query }) => query)).toEqual([]);
  });
});

describe("two Authorization headers", () => {
  test("are refused, whichever they are and in whichever order", async () => {
    const http = await sdkRequest();
    const good = http.headers.get("authorization") ?? "";
    const others = [
      good,
      good.replace(/.$/, "0"),
      "Bearer abc",
      "Basic dXNlcg==",
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 Signature=0",
      "a=b",
      "",
    ];
    for (const other of others) {
      for (const authorization of [`${good},${other}`, `${good}, ${other}`, `${other},${good}`, `${other}, ${good}`]) {
        expect(refusal(() => verify(withHeaders(http, { authorization }), KMS()))?.name).toMatch(
          /^(Incomplete|Invalid)SignatureException$/,
        );
      }
    }
  });

  test("are refused when the second is a parameter of the first", async () => {
    const http = await sdkRequest();
    const good = http.headers.get("authorization") ?? "";
    for (const part of good.replace("AWS4-HMAC-SHA256 ", "").split(", ")) {
      const authorization = `${good}, ${part}`;
      const [name] = part.split("=");
      const text = `Authorization header has '${name}' twice, or where it is not known.`;
      expect(refusal(() => verify(withHeaders(http, { authorization }), KMS()))).toEqual({ name: "IncompleteSignatureException", text });
    }
  });
});
