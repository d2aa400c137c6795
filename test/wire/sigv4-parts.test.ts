/** The parts that a signature is taken apart into, each alone. */
import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { claimOf, requireScope, type Scope, scopeOf, signingKeyCache } from "#wire/sigv4";
import { shown } from "#wire/sigv4-claim";
import { folded, signedHeadersOf } from "#wire/sigv4-headers";
import { canonicalPath, canonicalQuery } from "#wire/sigv4-uri";
import { ID, KMS, presigned, refusal, request, signed, verify } from "./sigv4-signers.ts";

const sent = (authorization: string, query = "") =>
  request({ query, headers: Object.entries({ host: "localhost", "x-amz-date": "20240820T230802Z", authorization }) });
const incomplete = (text: string) => ({ name: "IncompleteSignatureException", text });
const REST = "SignedHeaders=host;x-amz-date, Signature=0";

describe("the scope that a request is routed by", () => {
  const scope = { accessKeyId: "a", date: "d", region: "r", service: "s" };

  test.each([
    ["Credential=a/d/r/s/t", scope],
    ["Credential=a/d/r/s/", scope],
    ["Credential=a/d/r/s/t,X=y/z", scope],
    [`${REST}, Credential=a/d/r/s/t`, scope],
    ["Credential=a/d/r/s", undefined],
    ["Credential=a/d/r/s/t/more", undefined],
    ["Credential=/d/r/s/t", undefined],
    ["Credential=a//r/s/t", undefined],
    ["Credential=a/d//s/t", undefined],
    ["Credential=a/d/r//t", undefined],
    ["Credential=", undefined],
    [REST, undefined],
  ])("of %s is %j", (parameters, expected) => {
    expect(scopeOf(sent(`AWS4-HMAC-SHA256 ${parameters}`))).toEqual(expected);
  });

  test("of an unsigned request is none", () => {
    expect(scopeOf(request({}))).toBeUndefined();
    expect(scopeOf(request({ query: "Action=GetCallerIdentity" }))).toBeUndefined();
    expect(scopeOf(request({ query: "X-Amz-Credential=a%2Fd%2Fr%2Fs%2Ft" }))).toEqual(scope);
  });
});

describe("an Authorization header", () => {
  test("may have spaces and tabs around its parts", () => {
    const { credential, signature } = claimOf(sent("AWS4-HMAC-SHA256 \t Credential=a/d \t,\t SignedHeaders=host \t,\tSignature=0\t"));
    expect([credential, signature]).toEqual(["a/d", "0"]);
  });

  test.each([
    [
      "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host",
      "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256",
    ],
    [`AWS4-HMAC-SHA256 Credential=a, ${REST}, =x`, "Authorization header has '' twice, or where it is not known."],
    [" AWS4-HMAC-SHA256 Credential=a", "Unsupported AWS 'algorithm': ''."],
  ])("%s is refused", (authorization, text) => {
    expect(refusal(() => claimOf(sent(authorization)))).toEqual(incomplete(text));
  });

  test("is shown up to its 640th character", () => {
    expect(shown("x".repeat(640))).toBe("x".repeat(640));
    expect(shown(`${"x".repeat(640)}y`)).toBe(`${"x".repeat(640)}…`);
  });
});

describe("a presigned request", () => {
  test.each([
    ["X-Amz-Expires=1", 1],
    ["X-Amz-Expires=604800", 604_800],
    ["", undefined],
  ])("with '%s' says that it lives for %s seconds", async (life, expires) => {
    const http = await presigned();
    expect(claimOf({ ...http, query: http.query.replace("X-Amz-Expires=60", life) }).expires).toBe(expires);
  });

  test("may have any parameter twice but those of the signature", async () => {
    const http = await presigned();
    expect(claimOf({ ...http, query: `${http.query}&Tag=1&Tag=2` }).form).toBe("query");
  });
});

describe("the date of a signature", () => {
  const dated = (date: string) => {
    const day = date.slice(0, 8);
    const authorization = `AWS4-HMAC-SHA256 Credential=${ID}/${day}/eu-central-1/kms/aws4_request, ${REST}`;
    const http = request({ headers: Object.entries({ host: "localhost", "x-amz-date": date, authorization }) });
    return (now: string) => refusal(() => requireScope(claimOf(http), http, KMS(new Date(now))));
  };

  test.each([
    ["19700101T000000Z", "1970-01-01T00:00:00Z"],
    ["20241231T235959Z", "2024-12-31T23:59:59Z"],
    ["20240228T120000Z", "2024-02-28T12:00:00Z"],
    ["20240229T120000Z", "2024-02-29T12:00:00Z"],
  ])("%s is %s", (date, now) => expect(dated(date)(now)).toBeUndefined());

  test.each(["2024082/T230802Z", "20240820T23080/Z", "202408:0T230802Z", "20240231T120000Z", "20230229T120000Z"])("%s is none", (date) => {
    expect(dated(date)("2024-08-20T23:08:02Z")?.text).toMatch(/^Date must be in ISO-8601 'basic format'\./);
  });
});

describe("a query as it is signed", () => {
  test.each([
    ["", ""],
    ["a", "a="],
    ["=x&a&b=", "=x&a=&b="],
    ["a=2&a=1&A=3&a-b=0&a=", "A=3&a=&a=1&a=2&a-b=0"],
    ["a=%0a%0D%00", "a=%0A%0D%00"],
    ["a=%4@%@4%4`%4g%G4", "a=%254%40%25%404%254%60%254g%25G4"],
    ["a=%4/%4:%9f%9F%aF", "a=%254%2F%254%3A%9F%9F%AF"],
    ["a=b=c", "a=b%3Dc"],
  ])("%s becomes %s", (query, canonical) => expect(canonicalQuery(query)).toBe(canonical));

  test("is without the signature that it brings along", () => {
    expect(canonicalQuery("b=1&X-Amz-Signature=2&a=3", "X-Amz-Signature")).toBe("a=3&b=1");
  });

  test("holds what the signers of others escape", async () => {
    const http = await signed({ query: { a: "\n\t\u0001@`/:~" } });
    expect(verify(http, KMS()).form).toBe("header");
  });
});

test.each([
  ["", "/"],
  ["/", "/"],
  ["a/b", "a/b"],
  ["*", "%2A"],
  ["/a/", "/a/"],
  ["/../", "/"],
  ["/a/..", "/"],
])("the path '%s' is signed as '%s'", (path, canonical) => expect(canonicalPath(path)).toBe(canonical));

test.each([
  ["", ""],
  ["a b", "a b"],
  ["a  b", "a b"],
  ["a\tb", "a b"],
  ["\t", ""],
  [" a", "a"],
  ["a ", "a"],
  ["a\t", "a"],
  ["a \t  b\t\tc", "a b c"],
])("the header value %j is signed as %j", (value, canonical) => expect(folded(value)).toBe(canonical));

describe("a list of signed headers", () => {
  const LONGEST = 1024;
  const REMEMBERED = 256;
  let count = 0;
  /** A list that nobody has sent before. */
  const another = () => `host;x-another-${(count++).toString().padStart(6, "0")}`;
  const isRemembered = (list: string, first: unknown) => signedHeadersOf(list) === first;

  test("is in order when each name is after the one before, whatever it begins with", () => {
    expect(["host", "0;a", "A;a", "a;a-b;b"].map((list) => signedHeadersOf(list).ordered)).toEqual([true, true, true, true]);
    expect(["", ";a", "b;a", "a;a", "a;"].map((list) => signedHeadersOf(list).ordered)).toEqual([false, false, false, false, false]);
    expect(signedHeadersOf("b;a")).toMatchObject({ text: "b;a", names: new Set(["a", "b"]) });
  });

  test("is taken apart once, unless it is out of order or long", () => {
    for (const list of [another(), "x".repeat(LONGEST)]) expect(isRemembered(list, signedHeadersOf(list)), list).toBe(true);
    for (const list of ["b;a", "x".repeat(LONGEST + 1)]) expect(isRemembered(list, signedHeadersOf(list)), list).toBe(false);
    expect(signedHeadersOf("x".repeat(LONGEST + 1)).text).toBe("x".repeat(LONGEST + 1));
  });

  test(`is one of ${REMEMBERED} that are remembered, so that nobody can fill the memory`, () => {
    // However many there are by now: the one that finds no room is the first of an empty memory.
    const probe = another();
    const first = signedHeadersOf(probe);
    let last = probe;
    for (let i = 0; i <= REMEMBERED && isRemembered(probe, first); i += 1) {
      last = another();
      signedHeadersOf(last);
    }
    const again = signedHeadersOf(probe);
    expect(again).not.toBe(first);
    const kept = signedHeadersOf(last);
    for (let i = 2; i < REMEMBERED; i += 1) signedHeadersOf(another());
    expect([isRemembered(probe, again), isRemembered(last, kept)]).toEqual([true, true]);
    signedHeadersOf(another());
    expect([isRemembered(probe, again), isRemembered(last, kept)]).toEqual([false, false]);
  });
});

describe("the cache of signing keys", () => {
  const scope: Scope = { accessKeyId: ID, date: "20260102", region: "eu-central-1", service: "kms" };
  const key = createSecretKey(Buffer.from("key"));
  const holding = (limit: number, ...versions: readonly string[]) => {
    const cache = signingKeyCache(limit);
    for (const version of versions) cache.set(scope, version, key);
    return (version: string) => cache.get(scope, version) !== undefined;
  };

  test("holds at least half of its limit, of what was set last", () => {
    expect(["1", "2", "3", "4", "5"].map(holding(10, "0", "1", "2", "3", "4", "5"))).toEqual([true, true, true, true, true]);
    expect(holding(1, "0", "1")("1")).toBe(true);
  });

  test("has no less room for a key that is set again", () => {
    expect(holding(4, "a", "b", "b", "c", "d")("a")).toBe(true);
    expect(holding(4, "a", "b", "c", "d", "e")("a")).toBe(false);
  });

  test("has no room for what is not there", () => {
    const has = holding(4, "a");
    for (let i = 0; i < 20; i += 1) expect(has(String(i))).toBe(false);
    expect(has("a")).toBe(true);
  });
});
