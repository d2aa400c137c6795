/** One server as several processes: `trent serve --workers n`. */

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkOf } from "#domain/chain";
import { openSqlite } from "#store/drivers/sqlite";
import { profileOf, type Running, serve, stop, trent } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "trent-workers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The processes that a process has started, as the kernel knows them. */
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Each call by a connection of its own, so that each goes to the next process. */
function clientOf(endpoint: string, data: string): KMSClient {
  const httpAgent = new Agent({ keepAlive: false });
  return new KMSClient({ endpoint, region: "us-east-1", credentials: profileOf(data), maxAttempts: 1, requestHandler: { httpAgent } });
}

describe.runIf(process.platform === "linux")("two processes of one server", { timeout: 60_000 }, () => {
  const data = join(folder, "data");
  let running: Running;
  let kms: KMSClient;
  let url = "";
  beforeAll(async () => {
    running = serve(data, ["--workers", "2", "--quotas", "off"], {}, afterAll);
    url = await running.ready;
    kms = clientOf(url, data);
  }, 60_000);
  afterAll(() => kms?.destroy());

  const made = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
  const encrypt = async (KeyId: string | undefined) =>
    (await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).CiphertextBlob;

  test("share a port, and each uses at once what the other made", async () => {
    expect(childrenOf(running.child.pid as number)).toHaveLength(2);
    for (let i = 0; i < 10; i += 1) {
      const CiphertextBlob = await encrypt(await made());
      const { Plaintext = [] } = await kms.send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from(Plaintext).toString()).toBe("x");
    }
  });

  test("count together", async () => {
    const counted = async () => {
      const text = await (await fetch(`${url}/metrics`, { headers: { connection: "close" } })).text();
      return Number(/^trent_call_seconds_count\{operation="ListAliases"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    for (let i = 0; i < 9; i += 1) await kms.send(new ListAliasesCommand({}));
    // Whichever of the two is asked.
    expect([await counted(), await counted(), await counted()]).toEqual([before + 9, before + 9, before + 9]);
  });

  test("a process that dies is replaced, and what it had acknowledged is there", async () => {
    const parent = running.child.pid as number;
    const [victim = 0] = childrenOf(parent);
    const acknowledged: (Uint8Array | undefined)[] = [];
    const KeyId = await made();
    const calls = Array.from({ length: 60 }, async (_, i) => {
      await pause(i * 10);
      const lost = () => undefined;
      acknowledged.push(...(await Promise.all([made().then(encrypt).catch(lost), encrypt(KeyId).catch(lost)])));
    });
    await pause(200);
    process.kill(victim, "SIGKILL");
    await Promise.all(calls);
    // By connections that were open or waiting: not all of those that were under way, and not for long.
    await expect.poll(() => childrenOf(parent).filter((pid) => pid !== victim).length, { timeout: 10_000 }).toBe(2);
    const blobs = acknowledged.filter((blob) => blob !== undefined);
    expect(blobs.length).toBeGreaterThan(60);
    for (const CiphertextBlob of blobs) await kms.send(new DecryptCommand({ CiphertextBlob }));
  });

  test("end together when they are told to; what each wrote is sealed, and the log verifies", async () => {
    const workers = childrenOf(running.child.pid as number);
    const { code, stdout, stderr } = await stop(running);
    expect(code).toBe(0);
    expect(workers.filter(isThere)).toEqual([]);
    expect(stdout.match(/ready on/g)).toHaveLength(1);
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(/"event":"worker lost".*"signal":"SIGKILL"/)]);
    const database = openSqlite({ folder: data });
    const { rows } = await database.table("log", "us-east-1").scan({ limit: 10_000 });
    await database.close();
    expect(new Set(rows.flatMap((row) => linkOf(row)?.writer ?? [])).size).toBeGreaterThanOrEqual(2);
    expect(await trent(["audit", "verify", "--data", data]).ended).toMatchObject({ code: 0, stderr: "" });
    expect(await trent(["audit", "verify", "--state", "--data", data]).ended).toMatchObject({ code: 0, stderr: "" });
  });
});

test("their quotas are those of one server, from the first second", { timeout: 60_000 }, async () => {
  const data = join(folder, "quotas");
  const quotas = join(folder, "quotas.json");
  writeFileSync(quotas, JSON.stringify({ quotas: { ListAliases: 100 } }));
  const url = await serve(data, ["--workers", "2", "--quotas", quotas]).ready;
  const kms = clientOf(url, data);
  const until = performance.now() + 4_000;
  let admitted = 0;
  const caller = async () => {
    while (performance.now() < until) {
      const done = await kms.send(new ListAliasesCommand({})).then(
        () => 1,
        ({ name }: Error) => {
          expect(name).toBe("ThrottlingException");
          return 0;
        },
      );
      admitted += done;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: 16 }, caller));
  const seconds = (performance.now() - began) / 1000;
  kms.destroy();
  // A second's worth is at hand in the beginning.
  expect(admitted).toBeLessThanOrEqual(1.02 * 100 * (seconds + 1) + 2);
  expect(admitted).toBeGreaterThan(0.9 * 100 * (seconds - 1));
});

test("a server whose processes cannot start ends as one process would", async () => {
  const first = serve(join(folder, "taken"), ["--workers", "2"]);
  const { port } = new URL(await first.ready);
  const second = await trent(["serve", "--port", port, "--data", join(folder, "other"), "--workers", "2"]).ended;
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toMatch(/^trent: .*the port is in use/);
});

test("of two servers that start at the same moment on one port one is refused", { timeout: 60_000 }, async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const servers = ["one", "two"].map((name) => serve(join(folder, "race", name), ["--workers", "2", "--port", String(port)]));
  const outcomes = await Promise.allSettled(servers.map(({ ready }) => ready));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const refused = await servers[outcomes.findIndex(({ status }) => status === "rejected")]?.ended;
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/the port is in use/) });
});

test.runIf(process.platform === "linux")("processes whose parent was killed are gone", async () => {
  const { child, ready } = serve(join(folder, "orphans"), ["--workers", "2"]);
  await ready;
  const workers = childrenOf(child.pid as number);
  expect(workers).toHaveLength(2);
  child.kill("SIGKILL");
  await expect.poll(() => workers.filter(isThere), { timeout: 10_000 }).toEqual([]);
});
