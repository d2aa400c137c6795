import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rotateWhenDue, startDomainRotation } from "#local/domain-rotation";
import { rotatingAlone } from "#local/rotating-alone";
import type { OperatorDeps } from "#operator/act";
import { operatorLog } from "#pipeline/operator-log";
import { beginDomainKey, type Database, ensureMeta, GLOBAL } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { requestId } from "#wire/request-id";
import { ACCOUNT, HOME, type Service, startService, testRoot } from "../service.ts";
import { newFolder, serve, stop } from "./command.ts";

// Each rotation waits for some seconds.
vi.setConfig({ testTimeout: 60_000 });

const DAYS = 30;
const folder = mkdtempSync(join(tmpdir(), "trent-rotation-"));
const root = testRoot();
let database: Database;
let service: Service;

beforeAll(async () => {
  database = openSqlite({ folder });
  await ensureMeta(database, root, { home: HOME, account: ACCOUNT }, new Date());
  service = await startService({ database, root });
});
afterAll(async () => {
  await service.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Of a server so many days from now. */
function depsIn(days: number, lines: string[] = []): OperatorDeps {
  const now = () => new Date(Date.now() + days * 86_400_000);
  const operator = operatorLog("debug", (line) => void lines.push(line));
  return { database, roots: root, region: HOME, home: HOME, shards: 1, now, newId: () => requestId(new Date()), operator };
}

const rotatedAfter = (days: number, signal?: AbortSignal) => rotateWhenDue(folder, depsIn(days), DAYS, signal);

describe("a server that rotates domain keys every 30 days", () => {
  test("leaves them alone before, rotates them then, and again after as many days more", async () => {
    const kms = service.kms();
    const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("kept") }));
    expect(await rotatedAfter(DAYS - 1)).toBeUndefined();
    expect(await rotatedAfter(DAYS + 1)).toMatchObject({ domainKeys: 3 });
    expect(await rotatedAfter(2 * DAYS)).toBeUndefined();
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("kept");
  });

  test("ends one that was interrupted, whenever that was", async () => {
    expect(await rotatedAfter(0)).toBeUndefined();
    await beginDomainKey(database, GLOBAL, root, new Date());
    expect(await rotatedAfter(0)).toMatchObject({ domainKeys: 3 });
    expect(await rotatedAfter(0)).toBeUndefined();
  });

  test("leaves it to another server that does it already", async () => {
    await rotatingAlone(folder, () => expect(rotatedAfter(10 * DAYS)).rejects.toThrow("Another rotation is going on"));
  });

  test("breaks off when it is to stop, and leaves the rest to the next", async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 1_000);
    const began = performance.now();
    await expect(rotatedAfter(10 * DAYS, ending.signal)).rejects.toThrow(/abort/);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(await rotatedAfter(0)).toMatchObject({ domainKeys: 3 });
  });

  test("says what has become of it", async () => {
    const lines: string[] = [];
    const rotation = startDomainRotation(folder, depsIn(20 * DAYS, lines), DAYS, 1);
    await vi.waitUntil(() => lines.some((line) => line.includes("domain keys rotated")), { timeout: 30_000 });
    await rotation.stop();
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ event: "domain keys rotated", domainKeys: 3 })]);
  });

  test("is told so by --domain-rotation-days, and stops when it is told to", async () => {
    const running = serve(newFolder(), ["--domain-rotation-days", String(DAYS)]);
    await running.ready;
    expect((await stop(running)).code).toBe(0);
  });
});
