import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { openHost } from "#local/host";
import { operatorLog } from "#pipeline/operator-log";
import { openSqlite } from "#store/drivers/sqlite";
import { call, kmsRequest } from "../pipeline/signed-request.ts";
import { type Credentials, HOME, startService, testRoot } from "../service.ts";

const parent = mkdtempSync(join(tmpdir(), "trent-corrupt-"));
const root = testRoot();
let whole: { readonly name: string; readonly bytes: Buffer }[];
let administrator: Credentials;
let keyId: string;
let blob: string;
let policy: string;

beforeAll(async () => {
  const folder = join(parent, "whole");
  const database = openSqlite({ folder });
  const service = await startService({ database, root });
  const ask = async (operation: string, body: object) => JSON.parse((await call(service, operation, body)).text);
  for (let made = 0; made < 5; made += 1) await call(service, "CreateKey", {});
  keyId = (await ask("CreateKey", {})).KeyMetadata.KeyId;
  blob = (await ask("Encrypt", { KeyId: keyId, Plaintext: "YQ==" })).CiphertextBlob;
  policy = (await ask("GetKeyPolicy", { KeyId: keyId })).Policy;
  administrator = service.administrator;
  await service.stop();
  await database.close();
  whole = ["state.db", "log.db"].map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
});
afterAll(() => rmSync(parent, { recursive: true }));

/** A start that is refused; calls that fail; a caller or a key that is gone from sight; or all as it was, because nobody looks at that byte. */
const FATES = new Set(["refused", "500 500", "400 400", "200 200"]);

/** What a service does with a folder of these files: what it answers, or that it will not start. */
async function fate(state: Buffer): Promise<string> {
  const folder = mkdtempSync(join(parent, "changed-"));
  for (const { name, bytes } of whole) writeFileSync(join(folder, name), name === "state.db" ? state : bytes);
  let database: ReturnType<typeof openSqlite> | undefined;
  try {
    database = openSqlite({ folder });
    const host = await openHost({
      ...{ database, roots: root, home: HOME, regions: REGIONS, quotas: QUOTA_PROFILES.off, sandbox: false },
      operator: operatorLog("error", () => {}),
    });
    const ask = async (operation: string, body: object) => {
      const { method, path, headers, body: bytes } = kmsRequest({ url: "http://localhost", administrator }, operation, body);
      return host.dispatch({ method, path, query: "", headers: new Map(Object.entries(headers)), body: bytes, peer: "127.0.0.1" });
    };
    const decrypted = await ask("Decrypt", { CiphertextBlob: blob });
    if (decrypted.status === 200) expect(JSON.parse(decrypted.body).Plaintext).toBe("YQ==");
    const shown = await ask("GetKeyPolicy", { KeyId: keyId });
    if (shown.status === 200) expect(JSON.parse(shown.body).Policy).toBe(policy);
    return `${decrypted.status} ${shown.status}`;
  } catch (cause) {
    if (cause instanceof Error && cause.name === "AssertionError") throw cause;
    return "refused";
  } finally {
    await database?.close().catch(() => {});
    rmSync(folder, { recursive: true });
  }
}

/** Spread over the file, somewhere in each stretch. */
const CHANGES = 40;

test("a database file with any byte changed is never the reason for a wrong plaintext or another policy", async () => {
  const state = whole[0]?.bytes as Buffer;
  const fates: string[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const changed = Buffer.from(state);
    const at = Math.floor(((change + Math.random()) / CHANGES) * state.length);
    changed[at] = (changed[at] as number) ^ (1 + Math.floor(Math.random() * 255));
    fates.push(await fate(changed));
  }
  expect(fates.filter((what) => !FATES.has(what))).toEqual([]);
}, 120_000);

test("nor is one that was cut short", async () => {
  const state = whole[0]?.bytes as Buffer;
  for (const length of [100, 4096, 8192, state.length / 2, state.length - 4096])
    expect(await fate(state.subarray(0, length))).toBe("refused");
}, 60_000);
