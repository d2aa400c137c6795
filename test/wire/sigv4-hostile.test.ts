import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "#domain/fault";
import type { HttpRequest } from "#wire/http";
import { claimOf, requireScope, requireSignature, scopeOf, signingKey } from "#wire/sigv4";
import { ID, KMS, presigned, request, SECRET, sdkRequest, withHeaders } from "./sigv4-signers.ts";

const KEY = signingKey(Buffer.from(SECRET), { accessKeyId: ID, date: "20260102", region: "eu-central-1", service: "kms" });

/** Takes every step, past those that refuse; anything thrown but a fault fails the test. */
function survive(http: HttpRequest, now = new Date()): void {
  scopeOf(http);
  try {
    const claim = claimOf(http);
    try {
      requireScope(claim, http, KMS(now));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
    requireSignature(claim, http, KEY);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return;
  }
  throw new Error("Believed.");
}

const words = [
  ..."AWS4-HMAC-SHA256|AWS4-HMAC-SHA256 |Credential=|SignedHeaders=|Signature=|X-Amz-Algorithm=|X-Amz-Credential=|X-Amz-SignedHeaders=".split(
    "|",
  ),
  ..."X-Amz-Signature=|X-Amz-Date=|X-Amz-Expires=|X-Amz-Security-Token=|host|x-amz-date|20260102T030405Z|20260102|eu-central-1|kms".split(
    "|",
  ),
  ..."aws4_request|__proto__|constructor|%2F|%2f|%|%ff|%E1%88|0123456789abcdef|\u0000|\n|\t|é|\ud800|=|,|;|/|//|..|.|&|?|+| ".split("|"),
];
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...words), { maxLength: 24 }).map((parts) => parts.join("")),
);
const name = fc.oneof(fc.constantFrom("authorization", "x-amz-date", "date", "host", "x-amz-content-sha256", "x-amz-security-token"), text);

describe("any bytes", () => {
  test("end in a fault", () => {
    const hostile = fc.record({
      method: text,
      path: text,
      query: text,
      headers: fc.array(fc.tuple(name, text), { maxLength: 8 }),
      body: fc.uint8Array({ maxLength: 16 }),
    });
    fc.assert(
      fc.property(hostile, (parts) => survive(request(parts))),
      { numRuns: 3_000 },
    );
  });

  test("end in a fault in place of any header of a request that is well made", async () => {
    const http = await sdkRequest();
    fc.assert(
      fc.property(fc.constantFrom(...http.headers.keys()), text, (header, value) => survive(withHeaders(http, { [header]: value }))),
      { numRuns: 2_000 },
    );
  });

  test("end in a fault in place of any parameter of a presigned request", async () => {
    const http = await presigned();
    const pairs = http.query.split("&");
    fc.assert(
      fc.property(fc.nat(pairs.length - 1), text, (at, value) => {
        const query = pairs.map((pair, i) => (i === at ? `${pair.split("=")[0]}=${value}` : pair)).join("&");
        survive({ ...http, query });
      }),
      { numRuns: 2_000 },
    );
  });

  test("route nowhere when there is no credential of five parts", () => {
    const routed = (headers: Record<string, string>, query = "") => scopeOf(request({ query, headers: Object.entries(headers) }));
    for (const credential of ["", "a", "a/b/c/d", "a/b/c/d/e/f", "////", "a//c/d/e"]) {
      expect(routed({ authorization: `AWS4-HMAC-SHA256 Credential=${credential}` })).toBeUndefined();
      expect(routed({}, `X-Amz-Credential=${encodeURIComponent(credential)}`)).toBeUndefined();
    }
    expect(routed({})).toBeUndefined();
    expect(routed({ authorization: "Bearer abc" })).toBeUndefined();
    expect(routed({}, "Action=GetCallerIdentity")).toBeUndefined();
  });
});

describe("64 KB of hostile text", () => {
  const SIZE = 65_536;
  const fill = (unit: string) => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
  const good = "Credential=a/20260102/eu-central-1/kms/aws4_request,Signature=0,SignedHeaders=";

  const inHeader: Record<string, string> = {
    "nothing but blanks": `AWS4-HMAC-SHA256 ${fill(" ")}`,
    "blanks around a letter": `AWS4-HMAC-SHA256 ${fill(" ")}a${fill(" ")}`,
    commas: `AWS4-HMAC-SHA256 ${fill(",")}`,
    "commas and blanks": `AWS4-HMAC-SHA256 ${fill(", ")}`,
    "equal signs": `AWS4-HMAC-SHA256 ${fill("=")}`,
    "empty names": `AWS4-HMAC-SHA256 ${fill("=,")}`,
    "many names": `AWS4-HMAC-SHA256 ${Array.from({ length: 12_000 }, (_, i) => `${i}=`).join(",")}`,
    "one name, many times": `AWS4-HMAC-SHA256 ${fill("Credential=,")}`,
    "many signed headers": `AWS4-HMAC-SHA256 ${good}${Array.from({ length: 12_000 }, (_, i) => i).join(";")}`,
    "one signed header, many times": `AWS4-HMAC-SHA256 ${good}${fill("host;")}`,
    "empty signed headers": `AWS4-HMAC-SHA256 ${good}${fill(";")}`,
    "many slashes": `AWS4-HMAC-SHA256 Credential=${fill("/")},Signature=0,SignedHeaders=host`,
    "a long signature": `AWS4-HMAC-SHA256 Credential=a/20260102/eu-central-1/kms/aws4_request,SignedHeaders=host,Signature=${fill("0")}`,
  };
  const inQuery: Record<string, string> = {
    ampersands: fill("&"),
    "equal signs": fill("="),
    "escapes that are none": fill("%"),
    "escapes of bytes": fill("%ff"),
    "plus signs": fill("+"),
    "one parameter, many times": fill("X-Amz-Date=1&"),
    "many parameters": Array.from({ length: 12_000 }, (_, i) => i).join("&"),
    "many slashes": `X-Amz-Credential=${fill("/")}`,
  };
  const rest = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260102%2Feu-central-1%2Fkms%2Faws4_request";
  const signature = `X-Amz-Signature=${"0".repeat(64)}&X-Amz-SignedHeaders=host`;
  const now = new Date("2026-01-02T03:04:05Z");

  /** The milliseconds of the fastest of a few tries: what quadratic time would make seconds. */
  function fastest(http: HttpRequest): number {
    const tries = Array.from({ length: 3 }, () => {
      const start = performance.now();
      survive(http, now);
      return performance.now() - start;
    });
    return Math.min(...tries);
  }

  const base = { host: "localhost", "x-amz-date": "20260102T030405Z" };
  test.each(Object.entries(inHeader))("costs linear time in the Authorization header: %s", (_, authorization) => {
    expect(fastest(request({ headers: Object.entries({ ...base, authorization }) }))).toBeLessThan(150);
  });

  test.each(Object.entries(inQuery))("costs linear time in the query: %s", (_, query) => {
    const headers = Object.entries(base);
    expect(fastest(request({ query, headers }))).toBeLessThan(150);
    expect(
      fastest(request({ query: `${rest}&X-Amz-Date=20260102T030405Z&${signature}&${query}`, headers: [["host", "localhost"]] })),
    ).toBeLessThan(150);
  });

  test.each(["/", "/.", "/..", "/a", "%2f", "é"])("costs linear time in the path: %s", async (unit) => {
    const http = await sdkRequest();
    expect(fastest({ ...http, path: fill(unit) })).toBeLessThan(150);
  });

  test("costs linear time in the names and values of headers", async () => {
    const http = await sdkRequest();
    const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`x-amz-${i}`, "1"]));
    const list = Array.from({ length: 12_000 }, (_, i) => `x-amz-${i}`)
      .sort()
      .join(";");
    const authorization = `AWS4-HMAC-SHA256 ${good}${list}`;
    expect(fastest(withHeaders(http, { ...many, authorization }))).toBeLessThan(150);
    for (const unit of [" ", "\t", " a", "  a", "\n"]) {
      expect(fastest(withHeaders(http, { "x-amz-target": `a${fill(unit)}a` }))).toBeLessThan(150);
    }
  });
});
