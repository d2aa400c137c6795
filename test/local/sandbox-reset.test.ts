import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newFolder, serve } from "./command.ts";

vi.setConfig({ testTimeout: 60_000 });

const SEEDED = "aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa";
const HOUR = 3600;
const seeds = newFolder(afterAll);
mkdirSync(seeds);
const seed = join(seeds, "seed.json");
writeFileSync(seed, JSON.stringify({ keys: [{ id: SEEDED, material: "01".repeat(32), aliases: ["alias/seeded"] }] }));
const sandbox = serve(newFolder(afterAll), ["--sandbox", "--seed", seed], {}, afterAll);
let url: string;
let kms: KMSClient;
beforeAll(async () => {
  url = await sandbox.ready;
  kms = new KMSClient({ endpoint: url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "any" } });
}, 60_000);

async function post(
  path: string,
  body: object = {},
  headers = {},
): Promise<{ status: number; now: string; snapshot: string; error: string }> {
  const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
  const answer = await fetch(new URL(`/_trent/${path}`, url), init);
  return { status: answer.status, ...((await answer.json()) as { now: string; snapshot: string; error: string }) };
}
beforeEach(async () => {
  expect((await post("reset")).status).toBe(200);
});
const create = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
const keys = async () => (await kms.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId);

describe("a reset", () => {
  test("leaves what is there at the start, at the time that it is", async () => {
    const KeyId = await create();
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId: SEEDED, Description: "changed" }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("hello") }));
    await post("clock", { advanceSeconds: 1000 * HOUR });
    const { now } = await post("reset");
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(HOUR * 1000);
    expect(await keys()).toEqual([SEEDED]);
    expect((await kms.send(new DescribeKeyCommand({ KeyId: "alias/seeded" }))).KeyMetadata?.Description).toBe("");
    await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow("does not exist");
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toThrow();
  });

  test("comes between two calls: those under way end as they would have, none is lost", async () => {
    const calls = Array.from({ length: 60 }, () => kms.send(new CreateKeyCommand({})));
    const resets = Array.from({ length: 5 }, () => post("reset"));
    expect((await Promise.all(calls)).every(({ KeyMetadata }) => KeyMetadata?.KeyState === "Enabled")).toBe(true);
    expect((await Promise.all(resets)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await post("reset");
    expect(await keys()).toEqual([SEEDED]);
  });

  test("takes no longer than a test suite has between two tests", async () => {
    for (let n = 0; n < 20; n += 1) await create();
    const times: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const begun = performance.now();
      await post("reset");
      times.push(performance.now() - begun);
    }
    // The quickest: a machine that is busy says nothing about the others.
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe("a snapshot", () => {
  test("can be put back, any number of times, with its time", async () => {
    const KeyId = await create();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("hello") }));
    await post("clock", { advanceSeconds: 100 * HOUR });
    const { snapshot } = await post("snapshot");
    for (let n = 0; n < 2; n += 1) {
      const later = await create();
      await kms.send(new CreateAliasCommand({ AliasName: "alias/later", TargetKeyId: KeyId }));
      await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "changed" }));
      await kms.send(new DisableKeyCommand({ KeyId: SEEDED }));
      await post("clock", { advanceSeconds: 1000 * HOUR });

      const { status, now } = await post("restore", { snapshot });
      expect(status).toBe(200);
      expect(Math.abs(Date.parse(now) - Date.now() - 100 * HOUR * 1000)).toBeLessThan(HOUR * 1000);
      expect((await keys())?.sort()).toEqual([SEEDED, KeyId].sort());
      await expect(kms.send(new DescribeKeyCommand({ KeyId: later }))).rejects.toThrow("does not exist");
      await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/later" }))).rejects.toThrow("is not found");
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description).toBe("");
      expect((await kms.send(new DescribeKeyCommand({ KeyId: SEEDED }))).KeyMetadata?.KeyState).toBe("Enabled");
      expect(Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? "").toString()).toBe("hello");
    }
  });

  test("is gone after a reset, and there are not more than 50", async () => {
    const { snapshot } = await post("snapshot");
    for (let n = 1; n < 50; n += 1) expect((await post("snapshot")).status).toBe(200);
    expect(await post("snapshot")).toEqual({ status: 400, error: "There are as many snapshots as there may be; a reset forgets them." });
    expect((await post("restore", { snapshot })).status).toBe(200);
    await post("reset");
    expect(await post("restore", { snapshot })).toEqual({ status: 400, error: "There is no such snapshot, or it was before a reset." });
    expect((await post("restore", { snapshot: 1 })).status).toBe(400);
  });

  test("is neither taken nor put back by a web page, nor is anything reset by one", async () => {
    const KeyId = await create();
    for (const path of ["reset", "snapshot", "restore"])
      expect((await post(path, { snapshot: "x" }, { origin: "http://localhost" })).status).toBe(403);
    expect(await keys()).toContain(KeyId);
  });
});
