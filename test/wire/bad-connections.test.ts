import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { call, kmsRequest } from "../pipeline/signed-request.ts";
import { type Service, startService } from "../service.ts";
import { converse } from "./converse.ts";

const MIB = 1_048_576;
/** What the shipped server has, twenty times as impatient. */
const TIMEOUTS = { request: 500, headers: 250, check: 50 };

let service: Service;
let impatient: Listening;

beforeAll(async () => {
  service = await startService();
  const operator = operatorLog("error");
  impatient = await listen({ host: "127.0.0.1", port: 0, dispatch: service.host.dispatch, operator, timeouts: TIMEOUTS });
});
afterAll(async () => {
  await impatient.stop();
  await service.stop();
});

/** The text of a signed ListKeys. */
function listKeys(url = service.url): string {
  const { headers, body } = kmsRequest({ url, administrator: service.administrator }, "ListKeys", {});
  const lines = Object.entries({ ...headers, "content-length": String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST / HTTP/1.1\r\n${lines.join("")}\r\n${Buffer.from(body)}`;
}

const head = (lines: string): string => `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n${lines}\r\n`;

describe("a body over 1 MiB", () => {
  test("is answered 413, and the connection goes on to the next call", async () => {
    const conversation = converse(service.url);
    await conversation.say(head(`Content-Length: ${8 * MIB}\r\n`));
    for (let sent = 0; sent < 8; sent += 1) await conversation.say(Buffer.alloc(MIB));
    await conversation.hears([413]);
    expect(conversation.received()).toContain('{"__type":"RequestEntityTooLargeException"}');
    await conversation.say(listKeys());
    await conversation.hears([413, 200]);
    conversation.socket.destroy();
  });

  test("is answered before it has all come, when its length is not announced", async () => {
    const conversation = converse(service.url);
    await conversation.say(head("Transfer-Encoding: chunked\r\n"));
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(0x10000), Buffer.from("\r\n")]);
    for (let sent = 0; sent <= 16; sent += 1) await conversation.say(chunk);
    await conversation.hears([413]);
    await conversation.say(`0\r\n\r\n${listKeys()}`);
    await conversation.hears([413, 200]);
    conversation.socket.destroy();
  });

  test("is read to its limit and not a byte beyond: 1 MiB is looked at", async () => {
    const padded = (length: number) => `{"Extra":"${"x".repeat(length - 12)}"}`;
    expect((await call(service, "ListKeys", padded(MIB))).status).toBe(200);
    expect(await call(service, "ListKeys", padded(MIB + 1))).toMatchObject({
      status: 413,
      error: { name: "RequestEntityTooLargeException" },
    });
  });

  test("takes no memory, however many come", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const flood = () => Promise.all(Array.from({ length: 8 }, () => call(service, "ListKeys", Buffer.alloc(4 * MIB))));
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    await flood();
    const before = used();
    for (let round = 0; round < 5; round += 1) for (const { status } of await flood()) expect(status).toBe(413);
    // What the last calls held may go a moment later.
    await expect.poll(() => used() - before, { timeout: 5_000 }).toBeLessThan(4 * MIB);
  });
});

describe("headers", () => {
  test("beyond 16 KiB are answered 431", async () => {
    const conversation = converse(service.url);
    await conversation.say(`POST / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`);
    await conversation.closed;
    expect(conversation.statuses()).toEqual([431]);
  });

  test("are answered 431 when they never end", async () => {
    const conversation = converse(service.url);
    await conversation.say("POST / HTTP/1.1\r\n");
    let open = true;
    void conversation.closed.then(() => {
      open = false;
    });
    for (let sent = 0; open && sent < 10_000; sent += 1) await conversation.say(`X-${sent}: x\r\n`);
    await conversation.closed;
    expect(conversation.statuses().slice(0, 1)).toEqual([431]);
  });

  test.each([
    ["a bare line feed in one", "X-A: a\nX-B: b\r\n"],
    ["a zero byte in one", "X-A: \0\r\n"],
    ["a space before the colon", "X-A : a\r\n"],
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n"],
    ["a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"],
    ["a negative length", "Content-Length: -1\r\n"],
    ["a coding that is none", "Transfer-Encoding: chunked, identity\r\n"],
  ])("that smuggle are answered 400: %s", async (_, lines) => {
    const conversation = converse(service.url);
    await conversation.say(`${head(lines)}{}`);
    await conversation.closed;
    expect(conversation.statuses()).toEqual([400]);
  });

  test("that come twice do not make a signed call another one", async () => {
    const conversation = converse(service.url);
    await conversation.say(listKeys().replace("x-amz-target:", "X-Amz-Target: TrentService.CreateKey\r\nx-amz-target:"));
    await conversation.hears([400]);
    expect(conversation.received()).toContain("UnknownOperationException");
    conversation.socket.destroy();
  });
});

describe("a slow client", () => {
  test("that never finishes its headers is answered 408", async () => {
    const conversation = converse(impatient.url);
    await conversation.say("POST / HTTP/1.1\r\nHost: lo");
    await conversation.closed;
    expect(conversation.statuses()).toEqual([408]);
  });

  test("that sends nothing at all is let go", async () => {
    await converse(impatient.url).closed;
  });

  test("that never finishes its body is answered 408, though it keeps sending", async () => {
    const conversation = converse(impatient.url);
    await conversation.say(head("Content-Length: 1000\r\n"));
    const drip = setInterval(() => void conversation.say("x"), 40);
    await conversation.closed;
    clearInterval(drip);
    expect(conversation.statuses()).toEqual([408]);
  });

  test("that goes on sending after a 413 is let go, too", async () => {
    const conversation = converse(impatient.url);
    await conversation.say(head(`Content-Length: ${64 * MIB}\r\n`));
    await conversation.say(Buffer.alloc(MIB + 1));
    await conversation.hears([413]);
    await conversation.closed;
  });

  test("does not keep the others waiting", async () => {
    const slow = Array.from({ length: 200 }, () => converse(impatient.url));
    await Promise.all(slow.map((conversation) => conversation.say("POST / HTTP/1.1\r\nHost: lo")));
    expect((await call({ url: impatient.url, administrator: service.administrator }, "ListKeys", {})).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
  });
});

describe("a connection", () => {
  test.each(["\x16\x03\x01\x02\x00\x01\x00\x01", "GET\r\n\r\n", "\0".repeat(1000), "SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])(
    "that does not speak HTTP is answered 400: %j",
    async (bytes) => {
      const conversation = converse(service.url);
      await conversation.say(bytes);
      await conversation.closed;
      expect(conversation.statuses()).toEqual([400]);
    },
  );

  test("may send the next calls before the answers: they are answered in order", async () => {
    const conversation = converse(service.url);
    await conversation.say(`${listKeys()}${head("Content-Length: 2\r\n")}{}${listKeys()}`);
    await conversation.hears([200, 400, 200]);
    conversation.socket.destroy();
  });

  test("may be cut at any point of a call", async () => {
    const text = listKeys();
    const cuts = Array.from({ length: 40 }, (_, cut) => Math.floor((text.length * cut) / 40));
    for (const cut of cuts) {
      const conversation = converse(service.url);
      await conversation.say(text.slice(0, cut + 1));
      conversation.socket.resetAndDestroy();
    }
    expect((await call(service, "ListKeys", {})).status).toBe(200);
  });

  test("may ask for another protocol, and is answered in this one", async () => {
    const conversation = converse(service.url);
    await conversation.say(listKeys().replace("\r\n", "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"));
    await conversation.hears([200]);
    conversation.socket.destroy();
  });
});
