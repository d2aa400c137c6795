/** One request, read in two ways: by whoever stands between, or by two parts of ourselves. And one that is sent again. */
import { CreateKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, errorOf, kmsRequest, type Sent, type Signing, send } from "../pipeline/signed-request.ts";
import { type Credentials, type Service, startService } from "../service.ts";
import { converse } from "../wire/converse.ts";

let service: Service;
let stranger: Credentials;
let time = Date.now();

beforeAll(async () => {
  service = await startService({ wallClock: () => new Date(time) });
  stranger = await service.user("stranger");
  await service.kms().send(new CreateKeyCommand({}));
});
afterAll(() => service.stop());

const keysNow = async (): Promise<number> => {
  time = Date.now();
  return (await service.kms().send(new ListKeysCommand({}))).Keys?.length ?? 0;
};

/** A signed call that leaves a key behind when it is believed. */
const createKey = (signing: Signing = {}): Sent => kmsRequest(service, "CreateKey", {}, signing);
const headOf = ({ headers }: Sent): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
/** Its bytes on a socket, with lines of somebody else's before and after its own headers. */
const textOf = (sent: Sent, { before = "", after = `content-length: ${sent.body.length}\r\n`, target = "/" } = {}): string =>
  `POST ${target} HTTP/1.1\r\n${before}${headOf(sent)}${after}\r\n${Buffer.from(sent.body)}`;

/** What is answered to these bytes, all of them, when the client has nothing more to say; and that no key was made. */
async function refusedBytes(bytes: string): Promise<{ statuses: readonly number[]; received: string }> {
  const before = await keysNow();
  const conversation = converse(service.url);
  await conversation.say(bytes);
  conversation.socket.end();
  await conversation.closed;
  expect(await keysNow(), bytes).toBe(before);
  return { statuses: conversation.statuses(), received: conversation.received() };
}

test("what the other tests take for refused would be done if it were believed", async () => {
  const before = await keysNow();
  const conversation = converse(service.url);
  await conversation.say(textOf(createKey()));
  await conversation.hears([200]);
  conversation.socket.destroy();
  expect(await keysNow()).toBe(before + 1);
});

describe("replay of a signature", () => {
  const WORDS = { 299: undefined, 302: "Signature expired", [-302]: "Signature not yet current" } as const;
  test.each(Object.entries(WORDS))("%s seconds after it was made", async (seconds, said) => {
    const captured = createKey();
    time = Date.now() + Number(seconds) * 1000;
    const answer = await send(service.url, captured);
    expect(answer.status).toBe(said === undefined ? 200 : 400);
    if (said) expect(errorOf(answer)).toMatchObject({ name: "InvalidSignatureException", text: expect.stringContaining(said) });
  });

  test.each<[string, (captured: Sent) => Sent]>([
    ["under a new date", ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, "x-amz-date": "20300101T000000Z" } })],
    [
      "with a Date beside it, which counts where there is no other",
      ({ headers: { "x-amz-date": date, ...headers }, ...rest }) => ({ ...rest, headers: { ...headers, date: date ?? "" } }),
    ],
    ["for another operation", ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, "x-amz-target": "TrentService.ListKeys" } })],
    [
      "of another Region",
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, authorization: headers["authorization"]?.replace("us-east-1", "eu-west-1") ?? "" },
      }),
    ],
    [
      "of another day",
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, authorization: headers["authorization"]?.replace(/\/\d{8}\//, "/20300101/") ?? "" },
      }),
    ],
    [
      "under another access key",
      ({ headers, ...rest }) => ({
        ...rest,
        headers: {
          ...headers,
          authorization: headers["authorization"]?.replace(service.administrator.accessKeyId, stranger.accessKeyId) ?? "",
        },
      }),
    ],
    ["with another body", (captured) => ({ ...captured, body: Buffer.from('{"Description":"mine"}') })],
  ])("%s", async (_, changed) => {
    const before = await keysNow();
    expect((await send(service.url, changed(createKey()))).status).toBe(400);
    expect(await keysNow()).toBe(before);
  });
});

describe("two Authorization headers", () => {
  test.each(["before", "after"] as const)("of which the stranger's stands %s that of the caller", async (place) => {
    const own = createKey({ credentials: stranger });
    const theirs = createKey();
    const line = `Authorization: ${own.headers["authorization"]}\r\n`;
    const lines = place === "before" ? { before: line } : { after: `${line}content-length: 2\r\n` };
    expect(await refusedBytes(textOf(theirs, lines))).toMatchObject({
      statuses: [400],
      received: expect.stringContaining("IncompleteSignature"),
    });
  });
});

describe("smuggling: a second call in what is a body to one reader", () => {
  const HEAD = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n";
  test.each<[string, string, string?]>([
    ["CL.TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
    ["TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"],
    ["TE.TE, twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"],
    ["a coding with a tab before its colon", "Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n"],
    ["a coding that looks like chunked", "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n"],
    ["a coding folded into another header", "X-A: a\r\n\tTransfer-Encoding: chunked\r\nContent-Length: 5\r\nContent-Length: 9\r\n"],
    ["CL.CL", "Content-Length: 5\r\nContent-Length: 500\r\n"],
    ["a list of lengths", "Content-Length: 5, 500\r\n"],
    ["a length with a sign", "Content-Length: +5\r\n"],
    ["a length in hexadecimal", "Content-Length: 0x5\r\n"],
    ["a bare CR that ends a header", "X-A: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"],
    ["a chunk whose length has a sign", "Transfer-Encoding: chunked\r\n", "+5\r\n"],
    ["a chunk whose length is too great for a number", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"],
    ["a chunk extension that ends with a bare LF", "Transfer-Encoding: chunked\r\n", "5;a\n"],
  ])("%s", async (_, lines, body = "0\r\n\r\n") => {
    const { statuses } = await refusedBytes(`${HEAD}${lines}\r\n${body}${textOf(createKey())}`);
    expect(statuses).toEqual([400]);
  });
});

describe("Host confusion", () => {
  test.each<[string, Parameters<typeof textOf>[1]]>([
    ["a second Host before the signed one", { before: "Host: kms.eu-west-1.amazonaws.com\r\n" }],
    ["a second Host after it", { after: "Host: kms.eu-west-1.amazonaws.com\r\ncontent-length: 2\r\n" }],
    ["a target in absolute form, at another host", { target: "http://kms.eu-west-1.amazonaws.com/" }],
    ["a target without a scheme, at another host", { target: "//kms.eu-west-1.amazonaws.com/" }],
  ])("%s", async (what, lines) => {
    const { statuses } = await refusedBytes(textOf(createKey(), lines));
    expect({ what, statuses }).toEqual({ what, statuses: [400] });
  });

  test("another Host than the signed one", async () => {
    const { headers, ...rest } = createKey();
    const answer = await send(service.url, { ...rest, headers: { ...headers, host: "kms.eu-west-1.amazonaws.com" } });
    expect(errorOf(answer).name).toBe("InvalidSignatureException");
  });

  test("X-Forwarded-Host and Forwarded say nothing: the Region is that of the signature", async () => {
    const headers = { "x-forwarded-host": "kms.eu-west-1.amazonaws.com", forwarded: "host=kms.eu-west-1.amazonaws.com" };
    time = Date.now();
    const { text } = await call(service, "CreateKey", {}, { headers });
    expect(JSON.parse(text).KeyMetadata.Arn).toContain(":us-east-1:");
  });
});

describe("confusion of algorithms", () => {
  const authorized = (change: (header: string) => string): Sent => {
    const { headers, ...rest } = createKey();
    return { ...rest, headers: { ...headers, authorization: change(headers["authorization"] ?? "") } };
  };
  test.each(["AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA1", "AWS4-HMAC-SHA256-PAYLOAD", "AWS3-HTTPS", "none", "aws4-hmac-sha256"])(
    "%s in the header",
    async (name) => {
      const before = await keysNow();
      const answer = await send(
        service.url,
        authorized((header) => header.replace("AWS4-HMAC-SHA256", name)),
      );
      expect(errorOf(answer).name).toBe("IncompleteSignatureException");
      expect(await keysNow()).toBe(before);
    },
  );

  test.each(["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])(
    "a body that says it is not signed: %s",
    async (name) => {
      time = Date.now();
      expect((await call(service, "CreateKey", {}, { headers: { "x-amz-content-sha256": name } })).error.name).toBe(
        "InvalidSignatureException",
      );
    },
  );

  test.each(["", "&X-Amz-Algorithm=AWS4-HMAC-SHA256"])("the signature of a header as that of a query%s, and of both", async (more) => {
    const {
      headers: { authorization = "", ...headers },
      ...rest
    } = createKey();
    const part = (name: string) => encodeURIComponent(new RegExp(`${name}=([^,]+)`).exec(authorization)?.[1] ?? "");
    const date = headers["x-amz-date"];
    const query = `X-Amz-Credential=${part("Credential")}&X-Amz-SignedHeaders=${part("SignedHeaders")}&X-Amz-Signature=${part("Signature")}&X-Amz-Date=${date}`;
    const before = await keysNow();
    for (const sent of [{ ...headers }, { ...headers, authorization }]) {
      const answer = await send(service.url, { ...rest, path: `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&${query}${more}`, headers: sent });
      expect(errorOf(answer).name).toMatch(/^(MissingAuthenticationToken|IncompleteSignature|InvalidSignature)Exception$/);
    }
    expect(await keysNow()).toBe(before);
  });
});

describe("a canonical form of two requests", () => {
  test.each<[string, string]>([
    ["an encoded path", "/%2e%2e/"],
    ["a path encoded twice", "/%252f"],
    ["a query that was not signed", "/?Action=CreateKey"],
    ["an empty query name", "/?="],
    ["a fragment", "/#a"],
    ["a path in another form of Unicode", "/\u00e9"],
    ["a backslash", "/\\"],
  ])("%s", async (_, target) => {
    const { statuses } = await refusedBytes(textOf(createKey(), { target: Buffer.from(target).toString("latin1") }));
    expect(statuses).toEqual([400]);
  });

  test("a header in another form of Unicode than the one that was signed", async () => {
    const signed = createKey({ headers: { "x-amz-meta": "cafe\u0301" } });
    const sent = { ...signed, headers: { ...signed.headers, "x-amz-meta": Buffer.from("caf\u00e9").toString("latin1") } };
    expect(errorOf(await send(service.url, sent)).name).toBe("InvalidSignatureException");
  });

  test.each(["\r\n ", "\r\n\t"])("a signed header that is folded over lines: %j", async (fold) => {
    const { statuses } = await refusedBytes(textOf(createKey()).replace("x-amz-target: ", `x-amz-target:${fold}`));
    expect(statuses).toEqual([400]);
  });
});
