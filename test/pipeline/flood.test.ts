/** A flood of calls that nobody is responsible for. What it takes of others' time, `npm run bench -- --only flood` measures. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { call } from "./signed-request.ts";

const CONNECTIONS = 64;
const SECONDS = 2;
const HEAD = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n";
const JSON_11 = "content-type: application/x-amz-json-1.1\r\n";

/** Each connection sends again as soon as it is answered; answers how many were, by status and error. */
async function flood({ url }: Service, request: string): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  const until = performance.now() + SECONDS * 1000;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress: "127.0.0.2", noDelay: true });
      socket.on("connect", () => socket.write(request));
      socket.on("error", reject);
      socket.on("close", () => resolve());
      socket.on("data", (chunk) => {
        const [, status = ""] = /^HTTP\/1.1 (\d+)/.exec(chunk.toString()) ?? [];
        const [, name = ""] = /"__type":"([^"]*)"/.exec(chunk.toString()) ?? [];
        answers.set(`${status} ${name}`.trim(), (answers.get(`${status} ${name}`.trim()) ?? 0) + 1);
        if (performance.now() < until) socket.write(request);
        else socket.end();
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  return answers;
}

const sum = (answers: ReadonlyMap<string, number>): number => [...answers.values()].reduce((total, count) => total + count, 0);
/** A second more than it lasted has begun and ended in it, and the last of each connection is answered after it. */
const MOST = (SECONDS + 2) * (1000 + CONNECTIONS);

describe.runIf(process.platform === "linux")("a flood from one address", { timeout: 30_000 }, () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  test.each([
    ["of unsigned calls", `${HEAD}${JSON_11}x-amz-target: TrentService.Encrypt\r\n\r\n{}`, "400 MissingAuthenticationTokenException"],
    ["of calls of nothing that there is", `${HEAD}${JSON_11}x-amz-target: TrentService.Nothing\r\n\r\n{}`, "400 UnknownOperationException"],
    ["of what is no call at all", `${HEAD}\r\n{}`, "403"],
  ])("%s is refused a thousand times a second, and leaves nothing in the log; others are served meanwhile", async (_, request, refusal) => {
    const before = await service.log();
    let isOver = false;
    const flooding = flood(service, request).finally(() => {
      isOver = true;
    });
    let served = 0;
    while (!isOver) {
      expect((await call(service, "ListKeys", {})).status).toBe(200);
      served += 1;
    }
    const answers = await flooding;
    expect([...answers.keys()]).toContain(refusal);
    expect(answers.get(refusal)).toBeGreaterThanOrEqual(CONNECTIONS);
    expect(sum(answers)).toBeLessThanOrEqual(MOST);
    expect(served).toBeGreaterThan(10);
    expect((await service.log()).length - before.length).toBe(served);
  });
});
