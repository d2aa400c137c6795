import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { FaultName } from "#domain/fault";
import type { HttpRequest } from "#wire/http";
import { claimOf, requireScope } from "#wire/sigv4";
import { ID, KMS, presigned, refusal, request, sdkRequest, signed, signedByHand, verify, withHeaders } from "./sigv4-signers.ts";

const NOW = new Date("2024-08-20T23:08:02Z");
const SIGNATURE = "0".repeat(64);
const HOST = { host: "localhost", "x-amz-date": "20240820T230802Z" };
const CREDENTIAL = `${ID}/20240820/eu-central-1/kms/aws4_request`;
const header = (credential = CREDENTIAL, signedHeaders = "host;x-amz-date") =>
  `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${SIGNATURE}`;

const of = (headers: Record<string, string>, parts: Partial<HttpRequest> = {}) => request({ ...parts, headers: Object.entries(headers) });
const taken = (http: HttpRequest) => refusal(() => claimOf(http));
const scoped = (headers: Record<string, string>, now = NOW) =>
  refusal(() => requireScope(claimOf(of({ ...HOST, authorization: header(), ...headers })), of({ ...HOST, ...headers }), KMS(now)));
const fault = (name: FaultName, text: string) => ({ name, text });

const MISMATCH = fault(
  "InvalidSignatureException",
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
);

describe("a signature that cannot be taken apart (wire.md 5, #8 to #12)", () => {
  test("#8: in the header and in the query", () => {
    expect(taken(of({ ...HOST, authorization: header() }, { query: "X-Amz-Algorithm=AWS4-HMAC-SHA256" }))).toEqual(
      fault("InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
    );
  });

  test("#9: in neither", () => {
    const missing = fault("MissingAuthenticationTokenException", "Missing Authentication Token");
    expect(taken(of(HOST))).toEqual(missing);
    expect(taken(of({ ...HOST, authorization: "" }))).toEqual(missing);
    expect(taken(of(HOST, { query: "Action=GetCallerIdentity" }))).toEqual(missing);
  });

  test.each([
    ["Bearer abc", "Bearer"],
    ["AWS4-ECDSA-P256-SHA256 Credential=a", "AWS4-ECDSA-P256-SHA256"],
    ["AWS4-HMAC-SHA256,Credential=a", "AWS4-HMAC-SHA256,Credential=a"],
    ["aws4-hmac-sha256 Credential=a", "aws4-hmac-sha256"],
  ])("#10: by another algorithm: %s", (authorization, algorithm) => {
    expect(taken(of({ ...HOST, authorization }))).toEqual(
      fault("IncompleteSignatureException", `Unsupported AWS 'algorithm': '${algorithm}'.`),
    );
  });

  test("#10: by another algorithm, in the query", () => {
    const http = of(HOST, { query: "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256" });
    expect(taken(http)).toEqual(fault("MissingAuthenticationTokenException", "Missing Authentication Token"));
  });

  test.each(["Credential", "", "Signature"])("#11: with the part '%s', which has no equal sign", (part) => {
    const authorization = `${header()}, ${part}`;
    expect(taken(of({ ...HOST, authorization }))).toEqual(
      fault(
        "IncompleteSignatureException",
        `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
      ),
    );
  });

  const CREDENTIAL_MISSING = "Authorization header requires 'Credential' parameter.";
  const SIGNATURE_MISSING = "Authorization header requires 'Signature' parameter.";
  const LIST_MISSING = "Authorization header requires 'SignedHeaders' parameter.";
  const DATE_MISSING = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
  test.each([
    ["AWS4-HMAC-SHA256", HOST, [CREDENTIAL_MISSING, SIGNATURE_MISSING, LIST_MISSING]],
    ["AWS4-HMAC-SHA256 ", {}, [CREDENTIAL_MISSING, SIGNATURE_MISSING, LIST_MISSING, DATE_MISSING]],
    ["AWS4-HMAC-SHA256 Credential=a,Signature=b", HOST, [LIST_MISSING]],
    ["AWS4-HMAC-SHA256 SignedHeaders=a,Signature=b", HOST, [CREDENTIAL_MISSING]],
    ["AWS4-HMAC-SHA256 SignedHeaders=a,Credential=b", {}, [SIGNATURE_MISSING, DATE_MISSING]],
    [header(), {}, [DATE_MISSING]],
  ])("#12: with parameters missing: %s", (authorization, headers, sentences) => {
    expect(taken(of({ ...headers, authorization }))).toEqual(
      fault("IncompleteSignatureException", `${sentences.join(" ")} Authorization=AWS4-HMAC-SHA256`),
    );
  });

  test("#12: takes the Date header where there is no X-Amz-Date, and X-Amz-Date before it", () => {
    const dated = { authorization: header(), host: "localhost", date: "20240820T230803Z" };
    expect(claimOf(of(dated)).amzDate).toBe("20240820T230803Z");
    expect(claimOf(of({ ...dated, ...HOST })).amzDate).toBe("20240820T230802Z");
  });

  test.each([
    ["X-Amz-Credential", "AWS query-string parameters must include 'X-Amz-Credential'."],
    ["X-Amz-Signature", "AWS query-string parameters must include 'X-Amz-Signature'."],
    ["X-Amz-SignedHeaders", "AWS query-string parameters must include 'X-Amz-SignedHeaders'."],
    ["X-Amz-Date", "AWS query-string parameters must include 'X-Amz-Date'."],
  ])("#12: in the query, without %s", async (name, sentence) => {
    const http = await presigned();
    const query = http.query.split("&").filter((pair) => !pair.startsWith(`${name}=`));
    expect(taken({ ...http, query: query.join("&") })).toEqual(
      fault("IncompleteSignatureException", `${sentence} Re-examine the query-string parameters.`),
    );
  });

  test("#12: in the query, with all but the algorithm missing", () => {
    const text =
      "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. " +
      "AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.";
    expect(taken(of(HOST, { query: "X-Amz-Algorithm=AWS4-HMAC-SHA256" }))).toEqual(fault("IncompleteSignatureException", text));
  });
});

describe("a signature that is not for here and now (wire.md 5, #13 to #18)", () => {
  test("#13: does not cover the host", () => {
    const text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    expect(scoped({ authorization: header(CREDENTIAL, "x-amz-date") })).toEqual(fault("InvalidSignatureException", text));
  });

  test.each(["content-type", "x-amz-target", "x-amz-security-token", "x-amz-content-sha256", "x-amz-"])(
    "#13: does not cover %s",
    (name) => {
      const text = `'${name}' must be a 'SignedHeader' in the AWS Authorization.`;
      expect(scoped({ [name]: "value" })).toEqual(fault("InvalidSignatureException", text));
    },
  );

  test.each([
    "Tue, 20 Aug 2024 23:08:02 GMT",
    "2024-08-20T23:08:02Z",
    "20240820T230802",
    "20240820T230802z",
    "20240820 230802Z",
    "20240820T230802Z ",
    "20240820T23080Z",
    "2024082aT230802Z",
    "20240020T230802Z",
    "20241320T230802Z",
    "20240800T230802Z",
    "20240832T230802Z",
    "20230229T230802Z",
    "20240820T240802Z",
    "19691231T235959Z",
    "x0240820T230802Z",
    "20240820T236002Z",
    "20240820T230860Z",
    "20240820T230802Z,20240820T230802Z",
    "",
  ])("#14: is dated '%s'", (date) => {
    const text = `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`;
    expect(scoped({ "x-amz-date": date })).toEqual(fault("IncompleteSignatureException", text));
  });

  test("#15: is too old by a second", () => {
    expect(scoped({ "x-amz-date": "20240820T230302Z" }, new Date("2024-08-20T23:08:02.999Z"))).toBeUndefined();
    const text = "Signature expired: 20240820T230301Z is now earlier than 20240820T230302Z (20240820T230802Z - 5 min.)";
    expect(scoped({ "x-amz-date": "20240820T230301Z" })).toEqual(fault("InvalidSignatureException", text));
  });

  test("#16: is too new by a second", () => {
    expect(scoped({ "x-amz-date": "20240820T231302Z" })).toBeUndefined();
    const text = "Signature not yet current: 20240820T231303Z is still later than 20240820T231302Z (20240820T230802Z + 5 min.)";
    expect(scoped({ "x-amz-date": "20240820T231303Z" })).toEqual(fault("InvalidSignatureException", text));
  });

  test.each([ID, `${ID}/20240820/eu-central-1/kms`, `${CREDENTIAL}/`, `${CREDENTIAL}/more/and/more`, ""])(
    "#17: has the credential '%s'",
    (credential) => {
      const text = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
      expect(scoped({ authorization: header(credential) })).toEqual(fault("IncompleteSignatureException", text));
    },
  );

  const REGION = "Credential should be scoped to a valid region, not 'us-east-1'.";
  const SERVICE = "Credential should be scoped to correct service: 'kms'.";
  const TERMINATOR = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'.";
  const DATE =
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20240819' != '20240820', from '20240820T230802Z'.";
  test.each([
    ["20240820/us-east-1/kms/aws4_request", [REGION]],
    ["20240820/eu-central-1/sts/aws4_request", [SERVICE]],
    ["20240820/eu-central-1/KMS/aws4_request", [SERVICE]],
    ["20240820/eu-central-1/kms/aws4", [TERMINATOR]],
    ["20240819/eu-central-1/kms/aws4_request", [DATE]],
    ["20240819/us-east-1/sts/aws4", [REGION, SERVICE, TERMINATOR, DATE]],
  ])("#18: is scoped to %s", (scope, sentences) => {
    expect(scoped({ authorization: header(`${ID}/${scope}`) })).toEqual(fault("InvalidSignatureException", sentences.join(" ")));
  });

  test("is refused for the first of all that is wrong with it", () => {
    const rows: [change: Record<string, string>, start: string][] = [
      [{ authorization: header("a/b/c/d/e") }, "Credential should be"],
      [{ authorization: header("a") }, "Credential must have"],
      [{ authorization: header("a"), "x-amz-date": "20260101T000000Z" }, "Signature not yet"],
      [{ authorization: header("a"), "x-amz-date": "20200101T000000Z" }, "Signature expired"],
      [{ authorization: header("a"), "x-amz-date": "now" }, "Date must be"],
      [{ authorization: header("a", "x-amz-date"), "x-amz-date": "now" }, "'Host' or"],
      [{ authorization: "AWS4-HMAC-SHA256 Credential=a", "x-amz-date": "now" }, "Authorization header requires"],
      [{ authorization: "AWS4-HMAC-SHA256 a" }, "'a' not a valid"],
    ];
    for (const [change, start] of rows) expect(scoped(change)?.text.slice(0, start.length)).toBe(start);
  });

  test("repeats no more than some 2 KB of what was sent", () => {
    const long = "x".repeat(60_000);
    const changes = [
      { authorization: long },
      { authorization: `AWS4-HMAC-SHA256 ${long}` },
      { authorization: `${header()},${long}=1` },
      { authorization: header(`${ID}/${long}/${long}/${long}/${long}`) },
      { authorization: header(long) },
      { "x-amz-date": long },
      { [`x-amz-${long}`]: "1" },
    ];
    for (const change of changes) expect(scoped(change)?.text.length).toBeLessThan(2_400);
  });
});

describe("a signature that is not of this request (wire.md 5, #22)", () => {
  test("made with another secret", async () => {
    const http = await sdkRequest();
    expect(refusal(() => verify(http, KMS(), "another"))).toEqual(MISMATCH);
  });

  test.each(["", "0".repeat(63), "0".repeat(65), "g".repeat(64)])("written as '%s'", async (signature) => {
    const http = await sdkRequest();
    const authorization = http.headers.get("authorization")?.replace(/Signature=.*/, `Signature=${signature}`) ?? "";
    expect(refusal(() => verify(withHeaders(http, { authorization }), KMS()))).toEqual(MISMATCH);
  });

  test("written in upper case, or with something after it", async () => {
    const http = await sdkRequest();
    const [start = "", signature = ""] = http.headers.get("authorization")?.split("Signature=") ?? [];
    for (const other of [signature.toUpperCase(), `${signature}\n`, `${signature}00`, `0x${signature}`]) {
      expect(refusal(() => verify(withHeaders(http, { authorization: `${start}Signature=${other}` }), KMS()))).toEqual(MISMATCH);
    }
  });

  test("over a header that is not there", async () => {
    const http = await sdkRequest();
    expect(refusal(() => verify(withHeaders(http, { "amz-sdk-request": undefined }), KMS()))).toEqual(MISMATCH);
  });

  test.each([
    "UNSIGNED-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "",
  ])("over a body named '%s'", async (payload) => {
    const http = await signed({ headers: { host: "localhost", "x-amz-content-sha256": payload } });
    expect(refusal(() => verify(http, KMS()))).toEqual(MISMATCH);
  });

  test("over the real body, while a header names another", () => {
    const date = "20240820T230802Z";
    const list = "host;x-amz-content-sha256;x-amz-date";
    const made = (payload: string) => {
      const http = of({ host: "localhost", "x-amz-content-sha256": payload });
      return signedByHand(http, list, `host:localhost\nx-amz-content-sha256:${payload}\nx-amz-date:${date}\n`, date);
    };
    expect(refusal(() => verify(made(hash("sha256", "")), KMS(NOW)))).toBeUndefined();
    expect(refusal(() => verify(made("UNSIGNED-PAYLOAD"), KMS(NOW)))).toEqual(MISMATCH);
    expect(refusal(() => verify(made(hash("sha256", "another")), KMS(NOW)))).toEqual(MISMATCH);
  });

  test("over a list of headers that is not sorted, unique and in lower case, though the signature is right", () => {
    const date = "20240820T230802Z";
    const http = of({ host: "localhost", a: "1" });
    const made = (list: string, lines: string) => refusal(() => verify(signedByHand(http, list, lines, date), KMS(NOW)));
    expect(made("a;host;x-amz-date", `a:1\nhost:localhost\nx-amz-date:${date}\n`)).toBeUndefined();
    expect(made("host;a;x-amz-date", `host:localhost\na:1\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
    expect(made("host;host;x-amz-date", `host:localhost\nhost:localhost\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
    expect(made("host;host;x-amz-date", `host:localhost\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
    expect(made("A;host;x-amz-date", `a:1\nhost:localhost\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
    expect(made(";a;host;x-amz-date", `:\na:1\nhost:localhost\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
    expect(made("a;b;host;x-amz-date", `a:1\nb:\nhost:localhost\nx-amz-date:${date}\n`)).toEqual(MISMATCH);
  });

  test("over header lines that a value with a line break imitates", () => {
    const date = "20240820T230802Z";
    const honest = signedByHand(
      of({ host: "localhost", a: "1", b: "2" }),
      "a;b;host;x-amz-date",
      `a:1\nb:2\nhost:localhost\nx-amz-date:${date}\n`,
      date,
    );
    const forged = withHeaders(honest, { a: "1\nb:2", b: undefined });
    expect(refusal(() => verify(honest, KMS(NOW)))).toBeUndefined();
    expect(refusal(() => verify(forged, KMS(NOW)))).toEqual(MISMATCH);
    const authorization = forged.headers.get("authorization")?.replace("a;b;host", "a;host") ?? "";
    expect(refusal(() => verify(withHeaders(forged, { authorization }), KMS(NOW)))).toEqual(MISMATCH);
  });
});
