/** Somebody takes all there is of something: connections, the patience of the server, memory. Others are served meanwhile. */
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { call } from "../pipeline/signed-request.ts";
import { type Service, startService } from "../service.ts";

/** What the shipped server has, five times as impatient. */
const TIMEOUTS = { request: 2_000, headers: 1_000, check: 200 };
const SOCKETS = 500;

let service: Service;
let server: Listening;
beforeAll(async () => {
  service = await startService();
  server = await listen({
    ...{ host: "127.0.0.1", port: 0, timeouts: TIMEOUTS },
    ...{ dispatch: service.host.dispatch, operator: operatorLog("error") },
  });
});
afterAll(async () => {
  await server.stop();
  await service.stop();
});

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens so many connections; each says something, and goes on every 50 ms, until it is closed. Answers when all are open. */
async function hold(begin: string, drip: string): Promise<{ readonly open: () => number }> {
  let left = 0;
  const opened = Array.from(
    { length: SOCKETS },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1", localAddress: "127.0.0.3" });
        sockets.push(socket);
        socket.on("connect", () => {
          left += 1;
          if (begin !== "") socket.write(begin);
          const dripping = drip === "" ? undefined : setInterval(() => socket.write(drip), 50);
          socket.on("close", () => {
            clearInterval(dripping);
            left -= 1;
          });
          // What the server says before it closes is not wanted.
          socket.resume();
          resolve();
        });
        socket.on("error", reject);
      }),
  );
  await Promise.all(opened);
  return { open: () => left };
}

const HEAD = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n";

describe.runIf(process.platform === "linux")(`${SOCKETS} connections from one address`, { timeout: 60_000 }, () => {
  test.each([
    ["that send a header a byte at a time (slowloris)", `${HEAD}X-Slow: `, "a"],
    ["that send headers without end", HEAD, "X-More: a\r\n"],
    ["that announce a body and send a byte of it at a time", `${HEAD}Content-Length: 1000000\r\n\r\n`, "a"],
    ["that send chunks of a body without end", `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, "1\r\na\r\n"],
  ])("%s are closed in time, and a signed call is answered meanwhile", async (_, begin, drip) => {
    const { open } = await hold(begin, drip);
    for (let i = 0; i < 5; i += 1) expect((await call({ ...service, url: server.url }, "ListKeys", {})).status).toBe(200);
    await expect.poll(open, { timeout: 15_000 }).toBe(0);
  });

  test("that say nothing keep nobody else from being answered", async () => {
    const { open } = await hold("", "");
    expect(open()).toBe(SOCKETS);
    for (let i = 0; i < 20; i += 1) expect((await call({ ...service, url: server.url }, "ListKeys", {})).status).toBe(200);
  });
});

describe("exhaustion by what one call says, or one key is given:", () => {
  const refusalOf = async (operation: string, body: object) => (await call(service, operation, body)).error.name;
  const newKey = async (): Promise<string> => JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;

  test("grant tokens, beyond ten", async () => {
    const encrypt = { KeyId: await newKey(), Plaintext: "YQ==" };
    const GrantTokens = Array.from({ length: 11 }, (_, i) => `t${i}`);
    expect(await refusalOf("Encrypt", { ...encrypt, GrantTokens })).toBe("ValidationException");
  });

  test("an encryption context, beyond 8,192 bytes", async () => {
    const encrypt = { KeyId: await newKey(), Plaintext: "YQ==" };
    const EncryptionContext = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`name-${i}`, "value"]));
    expect(await refusalOf("Encrypt", { ...encrypt, EncryptionContext })).toBe("ValidationException");
  });

  test("tags, beyond fifty, at once and one after another", async () => {
    const KeyId = await newKey();
    const tags = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ TagKey: `k${from + i}`, TagValue: "v" }));
    expect(await refusalOf("TagResource", { KeyId, Tags: tags(0, 51) })).toBe("TagException");
    expect(await refusalOf("TagResource", { KeyId, Tags: tags(0, 50) })).toBe("");
    expect(await refusalOf("TagResource", { KeyId, Tags: tags(50, 51) })).toBe("TagException");
  });
});
