import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { call } from "../pipeline/signed-request.ts";
import { type Ended, newFolder, profileOf, serve, stop, trent } from "./command.ts";

// Every test starts processes, and age's scrypt takes a second each time, on purpose.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PASSPHRASE = { TRENT_BACKUP_PASSPHRASE: "correct horse battery staple" };
const after: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const action of after.reverse()) await action();
});

let folder: string;
let file: string;
let keyId: string;
let ciphertext: string;
let fingerprint: string;

/** Ended as a wrong configuration: exit 2, and one line that says what to do. */
function requireUsage({ code, stdout, stderr }: Ended, line: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^trent: [^\n]+\n$/) });
  expect(stderr).toMatch(line);
}

/** Where a backup is put, with a root key in it, and nothing else. */
function newPlace(root: Uint8Array = readFileSync(join(folder, "root.key"))): string {
  const place = newFolder();
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeFileSync(join(place, "root.key"), root, { mode: 0o600 });
  return place;
}

beforeAll(async () => {
  folder = newFolder((action) => void after.push(action));
  file = join(dirname(folder), "trent.backup");
  const running = serve(folder, [], {}, (action) => void after.push(action));
  const site = { url: await running.ready, administrator: profileOf(folder) };
  const answer = async (operation: string, input: object) => JSON.parse((await call(site, operation, input)).text);
  keyId = (await answer("CreateKey", {})).KeyMetadata.KeyId;
  await call(site, "CreateAlias", { AliasName: "alias/kept", TargetKeyId: keyId });
  ciphertext = (await answer("Encrypt", { KeyId: keyId, Plaintext: "a2VwdA==" })).CiphertextBlob;

  // Beside a server that others write to meanwhile.
  let going = true;
  const busy = Promise.all(
    Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; going && n < 1000; n += 1)
        await call(site, "TagResource", { KeyId: keyId, Tags: [{ TagKey: `t${worker}`, TagValue: String(n) }] });
    }),
  );
  const made = await trent(["backup", file, "--data", folder, "--json"], { env: PASSPHRASE }).ended;
  going = false;
  await busy;
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: "" });
  fingerprint = JSON.parse(made.stdout).root;
  await stop(running);
});

const restored = (place: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = PASSPHRASE) =>
  trent(["restore", file, "--data", place, ...args], { env }).ended;

describe("a backup", () => {
  test("is one file, for its owner only, that shows nothing of what is in it, and leaves nothing beside", () => {
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    const bytes = readFileSync(file);
    expect(bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
    for (const text of ["alias/kept", keyId, "SQLite format 3"]) expect(bytes.includes(text)).toBe(false);
    expect(readdirSync(dirname(file)).sort()).toEqual(["data", "trent.backup"]);
  });

  test("is restored into a folder that has the root key: what was encrypted decrypts, and the log is whole", async () => {
    const place = newPlace();
    const { code, stdout, stderr } = await restored(place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^canary {4}decrypted$/m);
    expect(stdout).toMatch(/^us-east-1 +whole: \d+ items, 1 keys, 1 materials$/m);
    const running = serve(place, ["--log-level", "error"]);
    const site = { url: await running.ready, administrator: profileOf(folder) };
    expect(JSON.parse((await call(site, "Decrypt", { CiphertextBlob: ciphertext })).text)).toMatchObject({ Plaintext: "a2VwdA==" });
    expect(await call(site, "DescribeKey", { KeyId: "alias/kept" })).toMatchObject({ status: 200 });
    await stop(running);
    const verified = await trent(["audit", "verify", "--data", place]).ended;
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/whole: \d+ records/) });
  });

  test("proves in a drill that it could be, beside the live folder, and touches nothing", async () => {
    const before = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
    const { code, stdout, stderr } = await restored(folder, ["--drill", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      drill: true,
      health: [{ region: "global" }, { region: "us-east-1", keys: 1, findings: [] }],
    });
    expect(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs])).toEqual(before);
  });

  test("does not replace what is there", async () => {
    requireUsage(await restored(folder), /is in use: a backup is put into a --data folder that holds a root key at most\.$/m);
    requireUsage(await trent(["backup", file, "--data", folder], { env: PASSPHRASE }).ended, /is there already: name another file\./);
  });

  test("is worth nothing with another passphrase, another root or a byte changed, and leaves no folder", async () => {
    const place = newPlace();
    requireUsage(
      await restored(place, [], { TRENT_BACKUP_PASSPHRASE: "another passphrase" }),
      /does not open: it is no backup, was changed/,
    );
    requireUsage(await restored(place, [], {}), /There is no passphrase: set TRENT_BACKUP_PASSPHRASE_FILE, or TRENT_BACKUP_PASSPHRASE\./);
    const halves = ["control", "material"].map((half, number) => [half, Buffer.alloc(32, number + 1).toString("base64")]);
    const other = newPlace(Buffer.from(JSON.stringify({ version: 1, ...Object.fromEntries(halves) })));
    requireUsage(
      await restored(other),
      new RegExp(`The root key is not that of the backup: its fingerprint is \\S+, and ${fingerprint} is needed\\.`),
    );
    const bytes = readFileSync(file);
    for (const at of [30, 300, bytes.length >> 1, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      const path = join(dirname(place), "changed.backup");
      writeFileSync(path, changed);
      requireUsage(await trent(["restore", path, "--data", place], { env: PASSPHRASE }).ended, /does not open/);
    }
    requireUsage(await trent(["restore", join(dirname(place), "none"), "--data", place], { env: PASSPHRASE }).ended, /ENOENT/);
    expect([readdirSync(place), readdirSync(dirname(place)).sort()]).toEqual([["root.key"], ["changed.backup", "data"]]);
  });

  test("is for a recipient, whose identity opens it, and whose passphrase nobody needs to know", async () => {
    const identity = await generateX25519Identity();
    const path = join(dirname(file), "for-one.backup");
    const recipient = await identityToRecipient(identity);
    expect((await trent(["backup", path, "--data", folder, "--recipient", recipient]).ended).code).toBe(0);
    const [mine, anothers] = [join(dirname(file), "mine.txt"), join(dirname(file), "another.txt")];
    writeFileSync(mine, `# created: today\n# public key: ${recipient}\n${identity}\n`);
    writeFileSync(anothers, `${await generateX25519Identity()}\n`);
    const drill = (...args: readonly string[]) => trent(["restore", path, "--data", folder, "--drill", ...args]).ended;
    expect((await drill("--identity", mine)).code).toBe(0);
    requireUsage(await drill("--identity", anothers), /does not open/);
    requireUsage(await drill("--identity", file), /holds something that is none/);
    requireUsage(
      await trent(["backup", `${path}2`, "--data", folder, "--recipient", "age1nobody"]).ended,
      /--recipient age1nobody is none/,
    );
    expect(existsSync(`${path}2`)).toBe(false);
  });

  test("is what age and tar make of such files", async () => {
    const identity = await generateX25519Identity();
    const path = join(dirname(file), "for-age.backup");
    await trent(["backup", path, "--data", folder, "--recipient", await identityToRecipient(identity)]).ended;
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const archive = await decrypter.decrypt(readFileSync(path));
    const names = execFileSync("tar", ["tz"], { input: archive, encoding: "utf8" });
    expect(names.trim().split("\n").sort()).toEqual(["audit.pub", "heads.jsonl", "log.db", "manifest.json", "state.db"]);
  });

  test("has both halves of the witness of the log's heads", async () => {
    const heads = join(folder, "heads.1.jsonl");
    writeFileSync(heads, readFileSync(join(folder, "heads.jsonl")));
    const path = join(dirname(file), "with-both.backup");
    await trent(["backup", path, "--data", folder], { env: PASSPHRASE }).ended;
    const place = newPlace();
    expect((await trent(["restore", path, "--data", place], { env: PASSPHRASE }).ended).code).toBe(0);
    expect(readFileSync(join(place, "heads.1.jsonl"))).toEqual(readFileSync(heads));
    rmSync(heads);
  });

  // A folder of another file system in the place of a mounted volume, which only root could make.
  test.skipIf(!existsSync("/dev/shm"))("is restored into a new volume", async () => {
    const volume = mkdtempSync("/dev/shm/trent-volume-");
    onTestFinished(() => rmSync(volume, { recursive: true, force: true }));
    mkdirSync(join(volume, "lost+found"));
    cpSync(join(folder, "root.key"), join(volume, "root.key"));
    const place = newFolder();
    symlinkSync(volume, place);
    const { code, stderr } = await restored(place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readdirSync(volume).filter((name) => name.startsWith("."))).toEqual([]);
    expect((await trent(["doctor", "--data", place]).ended).code).toBe(0);
  });

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "that is ended by %s leaves no copy beside it, and none for long",
    async (signal) => {
      const place = newFolder();
      mkdirSync(place);
      const path = join(place, "interrupted.backup");
      const drafts = () => readdirSync(folder).filter((name) => name.startsWith(".backup-"));
      const { child, ended } = trent(["backup", path, "--data", folder], { env: PASSPHRASE });
      await vi.waitUntil(() => drafts().some((name) => existsSync(join(folder, name, "manifest.json"))), { timeout: 30_000, interval: 5 });
      child.kill(signal);
      await ended;
      expect(existsSync(path)).toBe(false);
      if (signal !== "SIGKILL") expect([drafts(), readdirSync(place)]).toEqual([[], []]);
      for (const name of readdirSync(place)) expect(readFileSync(join(place, name)).includes("SQLite format 3")).toBe(false);
      expect((await trent(["backup", path, "--data", folder], { env: PASSPHRASE }).ended).code).toBe(0);
      expect(drafts()).toEqual([]);
    },
  );
});
