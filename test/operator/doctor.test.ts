import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { call } from "../pipeline/signed-request.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const after: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const action of after) await action();
});

let folder: string;
let keyId: string;
let rsa: string;
/** The file as it was, to be put back. */
let whole: Uint8Array;

beforeAll(async () => {
  folder = newFolder((action) => void after.push(action));
  const running = serve(folder, [], {}, (action) => void after.push(action));
  const site = { url: await running.ready, administrator: profileOf(folder) };
  const made = async (operation: string, input: object, where = {}) => JSON.parse((await call(site, operation, input, where)).text);
  const key = (await made("CreateKey", {})).KeyMetadata;
  keyId = key.KeyId;
  rsa = (await made("CreateKey", { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" })).KeyMetadata.KeyId;
  await call(site, "CreateAlias", { AliasName: "alias/one", TargetKeyId: keyId });
  await made("CreateGrant", {
    KeyId: keyId,
    GranteePrincipal: `arn:aws:iam::${key.AWSAccountId}:user/administrator`,
    Operations: ["Encrypt"],
  });
  await made("CreateKey", {}, { region: "eu-west-1" });
  await stop(running);
  whole = readFileSync(join(folder, "state.db"));
});

beforeEach(() => change(() => undefined));

/** Has the state as it was, changed in one way. */
function change(by: (state: DatabaseSync) => void): void {
  for (const file of ["state.db-wal", "state.db-shm"]) rmSync(join(folder, file), { force: true });
  writeFileSync(join(folder, "state.db"), whole);
  const state = new DatabaseSync(join(folder, "state.db"));
  by(state);
  state.close();
}

async function doctor(...args: readonly string[]) {
  const { code, stdout, stderr } = await trent(["doctor", "--data", folder, "--json", ...args]).ended;
  expect(stderr).toBe("");
  return {
    code,
    health: JSON.parse(stdout).health as { region: string; items: number; keys: number; materials: number; findings: string[] }[],
  };
}

describe("trent doctor", () => {
  test("says how much it has looked at, Region by Region, and that all is whole", async () => {
    const { code, health } = await doctor();
    expect(code).toBe(0);
    expect(health.map(({ region, keys, materials, findings }) => ({ region, keys, materials, findings }))).toEqual([
      { region: "global", keys: 0, materials: 0, findings: [] },
      { region: "eu-west-1", keys: 1, materials: 1, findings: [] },
      { region: "us-east-1", keys: 2, materials: 2, findings: [] },
    ]);
    for (const { items } of health) expect(items).toBeGreaterThan(2);
    expect((await doctor("--region", "eu-west-1")).health.map(({ region }) => region)).toEqual(["global", "eu-west-1"]);
    const { stdout } = await trent(["doctor", "--data", folder]).ended;
    expect(stdout).toMatch(/^us-east-1 +whole: \d+ items, 2 keys, 2 materials$/m);
  });

  test.each<[string, (state: DatabaseSync) => void, RegExp]>([
    [
      "a key with another description",
      (state) =>
        state.exec(`UPDATE keys SET body = replace(body, '"description":""', '"description":"x"') WHERE pk = 'K#${keyId}' AND sk = 'KEY'`),
      /keys K#.+ KEY: it is not what was written there/,
    ],
    [
      "a key without its MAC",
      (state) => state.exec(`UPDATE keys SET tag = NULL, mac_key = NULL WHERE pk = 'K#${rsa}'`),
      /keys K#.+ KEY: it is not/,
    ],
    [
      "a key in the place of another",
      (state) =>
        state.exec(
          `UPDATE keys SET body = (SELECT body FROM keys WHERE pk = 'K#${rsa}' AND sk = 'KEY') WHERE pk = 'K#${keyId}' AND sk = 'KEY'`,
        ),
      /keys K#.+ KEY: it is not/,
    ],
    [
      "an alias whose key is gone",
      (state) => state.exec(`DELETE FROM keys WHERE pk = 'K#${keyId}' AND sk = 'KEY'`),
      /the alias alias\/one of \d{12} is of the key .+, which is not there/,
    ],
    [
      "a grant whose key is gone",
      (state) => state.exec(`DELETE FROM keys WHERE pk = 'K#${keyId}' AND sk = 'KEY'`),
      /the grant [0-9a-f]{64} is of the key .+, which is not there/,
    ],
    [
      "a domain key that was changed",
      (state) =>
        state.exec(
          `UPDATE domains SET body = replace(body, '"wrapped":"', '"wrapped":"AA') WHERE pk = 'DOMAIN#material' AND region = 'us-east-1'`,
        ),
      /domains DOMAIN#material V#1: it is not/,
    ],
    [
      "a user that was changed",
      (state) => state.exec("UPDATE principals SET version = version + 1 WHERE sk = 'U#administrator'"),
      /principals A#\d{12} U#administrator: it is not/,
    ],
  ])("finds %s", async (_, by, finding) => {
    change(by);
    const { code, health } = await doctor();
    expect(code).toBe(1);
    expect(health.flatMap(({ findings }) => findings)).toContainEqual(expect.stringMatching(finding));
  });

  test("finds materials that do not open under another Region's domain key", async () => {
    change((state) => state.exec("DELETE FROM domains WHERE pk = 'DOMAIN#material' AND region = 'us-east-1'"));
    const { code, health } = await doctor();
    expect(code).toBe(1);
    expect(
      health.flatMap(({ findings }) => findings).filter((finding) => /The domain key material 1 is missing/.test(finding)),
    ).toHaveLength(2);
  });
});
