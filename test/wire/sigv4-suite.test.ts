import { describe, expect, test } from "vitest";
import { type Scope, signingKey } from "#wire/sigv4";
import { expecting, ID, refusal, request, SECRET, verify } from "./sigv4-signers.ts";

/**
 * Facts of AWS's published Signature Version 4 test suite: names, requests and signatures.
 * @see https://github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4
 */
const AT = "20150830T123600Z";
const CREDENTIAL = `${ID}/20150830/us-east-1/service/aws4_request`;
const expected = expecting("service", "us-east-1", new Date("2015-08-30T12:36:00Z"));
const TEXT = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const POST_VANILLA = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
const PAYLOAD = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";

interface Vector {
  readonly method?: string;
  /** As in the request line. */
  readonly target?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signature: string;
}

const vectors: Record<string, Vector> = {
  "get-vanilla": { signature: VANILLA },
  "get-header-key-duplicate": {
    headers: { "my-header1": "value2,value2,value1" },
    signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  },
  "get-header-value-multiline": {
    headers: { "my-header1": "value1,value2,value3" },
    signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
  },
  "get-header-value-order": {
    headers: { "my-header1": "value4,value1,value3,value2" },
    signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
  },
  "get-header-value-trim": {
    headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' },
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  "get-unreserved": { target: `/${TEXT}`, signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
  "get-utf8": { target: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
  "get-vanilla-empty-query-key": {
    target: "/?Param1=value1",
    signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  },
  "get-vanilla-query-order-key": {
    target: "/?Param1=value2&Param1=Value1",
    signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1",
  },
  "get-vanilla-query-order-key-case": {
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  "get-vanilla-query-order-value": {
    target: "/?Param1=value2&Param1=value1",
    signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
  },
  "get-vanilla-query-order-encoded": {
    target: "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
    signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
  },
  "get-vanilla-query-unreserved": {
    target: `/?${TEXT}=${TEXT}`,
    signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  },
  "get-vanilla-utf8-query": { target: "/?ሴ=bar", signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
  "get-vanilla-with-session-token": {
    headers: { "x-amz-security-token": "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267" },
    signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
  },
  "post-vanilla": { method: "POST", signature: POST_VANILLA },
  "post-header-key-sort": {
    method: "POST",
    headers: { "my-header1": "value1" },
    signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  },
  "post-header-value-case": {
    method: "POST",
    headers: { "my-header1": "VALUE1" },
    signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
  },
  "post-vanilla-query": {
    method: "POST",
    target: "/?Param1=value1",
    signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
  },
  "post-x-www-form-urlencoded": {
    method: "POST",
    headers: FORM,
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  "post-x-www-form-urlencoded, with the body's hash": {
    method: "POST",
    headers: { ...FORM, "content-length": "13", "x-amz-content-sha256": PAYLOAD },
    body: "Param1=value1",
    signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
  },
  "post-sts-header-before": {
    method: "POST",
    headers: { "x-amz-security-token": TOKEN },
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  },
  "get-relative": { target: "/example/..", signature: VANILLA },
  "get-relative-relative": { target: "/example1/example2/../..", signature: VANILLA },
  "get-slash": { target: "//", signature: VANILLA },
  "get-slash-dot-slash": { target: "/./", signature: VANILLA },
  "get-slash-pointless-dot": { target: "/./example", signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5" },
  "get-slashes": { target: "//example//", signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84" },
  "get-space": { target: "/example space/", signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
};

function received({ method = "GET", target = "/", headers = {}, body = "", signature }: Vector) {
  const [path = "", query = ""] = target.split("?");
  const signedHeaders = ["host", "x-amz-date", ...Object.keys(headers)].sort().join(";");
  const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  const all = { host: "example.amazonaws.com", "x-amz-date": AT, ...headers, authorization };
  return request({ method, path, query, headers: Object.entries(all), body: Buffer.from(body) });
}

const presigned: Record<string, Vector & { readonly signedHeaders: string }> = {
  "get-vanilla-utf8-query": {
    target: "ሴ=bar&",
    signedHeaders: "host",
    signature: "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
  },
  "get-header-value-trim": {
    headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' },
    signedHeaders: "host;my-header1;my-header2",
    signature: "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
  },
  "post-x-www-form-urlencoded": {
    method: "POST",
    headers: { ...FORM, "content-length": "13", "x-amz-content-sha256": PAYLOAD },
    body: "Param1=value1",
    signedHeaders: "content-length;content-type;host;x-amz-content-sha256",
    signature: "c2348f57d08c84939944d6c878b3f7be56316f8e7fd6817e81eded279a362d69",
  },
};

describe("AWS's test suite", () => {
  test.each(Object.entries(vectors))("verifies %s", (_, vector) => {
    expect(verify(received(vector), expected).credential).toBe(CREDENTIAL);
  });

  test.each(Object.entries(vectors))("refuses %s for another secret", (_, vector) => {
    expect(refusal(() => verify(received(vector), expected, `${SECRET}x`))?.name).toBe("InvalidSignatureException");
  });

  test.each(Object.entries(presigned))("verifies %s, presigned", (_, vector) => {
    const { method = "GET", target = "", headers = {}, body = "", signedHeaders, signature } = vector;
    const query =
      `${target}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}&X-Amz-Date=${AT}` +
      `&X-Amz-SignedHeaders=${encodeURIComponent(signedHeaders)}&X-Amz-Expires=3600&X-Amz-Signature=${signature}`;
    const all = Object.entries({ host: "example.amazonaws.com", ...headers });
    const claim = verify(request({ method, query, headers: all, body: Buffer.from(body) }), expected);
    expect(claim).toMatchObject({ form: "query", expires: 3600, amzDate: AT });
  });

  test("refuses a session token that was added after signing (post-sts-header-after)", () => {
    const http = received({ method: "POST", signature: POST_VANILLA });
    const late = { ...http, headers: new Map([...http.headers, ["x-amz-security-token", TOKEN]]) };
    expect(refusal(() => verify(late, expected))).toEqual({
      name: "InvalidSignatureException",
      text: "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    });
  });

  test("derives the signing key of the IAM user guide's example", () => {
    const scope: Scope = { accessKeyId: ID, date: "20150830", region: "us-east-1", service: "iam" };
    const key = signingKey(Buffer.from(SECRET), scope);
    expect(key.export().toString("hex")).toBe("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  });
});
