import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call } from "../pipeline/signed-request.ts";
import { type Ended, newFolder, profileOf, type Starting, serve, stop, trent } from "./command.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const administratorOf = async (running: { ready: Promise<string> }, folder: string) => ({
  url: await running.ready,
  administrator: profileOf(folder),
});

/** Ended as a wrong configuration: exit 2, and one line that says what to do. */
function requireUsage({ code, stdout, stderr }: Ended, line: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^trent: [^\n]+\n$/) });
  expect(stderr).toMatch(line);
}

async function madeFolder(args: readonly string[] = [], starting: Starting = {}): Promise<string> {
  const folder = newFolder();
  const running = serve(folder, args, starting);
  await running.ready;
  await stop(running);
  return folder;
}

describe("the first start", () => {
  test("makes a folder that nobody else can read, and tells how to use it", async () => {
    const folder = newFolder();
    const running = serve(folder);
    const url = await running.ready;
    const files = readdirSync(folder, { recursive: true }).map(String).sort();
    expect(files.filter((file) => !/-(wal|shm)$/.test(file))).toEqual([
      "aws",
      "aws/config",
      "aws/credentials",
      "log.db",
      "root.key",
      "state.db",
    ]);
    for (const file of files) expect({ file, mode: modeOf(join(folder, file)) }).toEqual({ file, mode: file === "aws" ? "700" : "600" });
    expect(modeOf(folder)).toBe("700");
    expect(JSON.parse(readFileSync(join(folder, "root.key"), "utf8"))).toEqual({
      version: 1,
      control: expect.stringMatching(/^[\w+/]{43}=$/),
      material: expect.stringMatching(/^[\w+/]{43}=$/),
    });
    expect(readFileSync(join(folder, "aws", "config"), "utf8")).toBe(`[profile trent]\nregion = us-east-1\nendpoint_url = ${url}\n`);
    expect(await call(await administratorOf(running, folder), "CreateKey", {})).toMatchObject({ status: 200 });
    const { code, stdout, stderr } = await stop(running);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`export AWS_SHARED_CREDENTIALS_FILE='${join(folder, "aws", "credentials")}'`);
    expect(stdout).toMatch(/^root [0-9a-f]{16}-[0-9a-f]{16}\naccount \d{12}, home Region us-east-1\n/);
    expect(stdout).toMatch(/\ntrent \d+\.\d+\.\d+ ready on http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  test("takes the home Region and the account that it is given, for good", async () => {
    const folder = await madeFolder(["--region", "eu-west-1", "--account", "123456789012"]);
    expect(readFileSync(join(folder, "aws", "config"), "utf8")).toContain("region = eu-west-1\n");
    requireUsage(await serve(folder, ["--region", "us-east-1"]).ended, /--region us-east-1: this store was made with eu-west-1/);
    requireUsage(await serve(folder, ["--account", "999999999999"]).ended, /--account 999999999999: this store was made with 123456789012/);
    requireUsage(await serve(folder, ["--regions", "us-east-1,us-west-2"]).ended, /The home Region eu-west-1 is not one/);
    const again = serve(folder, ["--region", "eu-west-1"]);
    const { text } = await call(await administratorOf(again, folder), "CreateKey", {}, { region: "eu-west-1" });
    expect(JSON.parse(text).KeyMetadata.Arn).toMatch(/^arn:aws:kms:eu-west-1:123456789012:key\//);
  });

  test("takes the root from TRENT_ROOT_KEY, and writes none", async () => {
    const env = { TRENT_ROOT_KEY: randomBytes(64).toString("base64") };
    const folder = await madeFolder([], { env });
    expect(readdirSync(folder).filter((file) => file.startsWith("root"))).toEqual([]);
    const same = serve(folder, ["--root", "env"], { env });
    expect(await call(await administratorOf(same, folder), "CreateKey", {})).toMatchObject({ status: 200 });
    await stop(same);
    const other = { TRENT_ROOT_KEY: randomBytes(64).toString("base64") };
    requireUsage(await serve(folder, [], { env: other }).ended, /The root does not open the domain key/);
    requireUsage(await serve(folder).ended, /root\.key is missing/);
    for (const wrong of ["", "AAAA", `${env.TRENT_ROOT_KEY}!`, randomBytes(64).toString("hex"), Buffer.alloc(64).toString("base64")]) {
      requireUsage(await serve(newFolder(), [], { env: { TRENT_ROOT_KEY: wrong } }).ended, /TRENT_ROOT_KEY is not|The two halves/);
    }
    requireUsage(await serve(newFolder(), ["--root", "env"]).ended, /TRENT_ROOT_KEY is not set/);
  }, 30_000);
});

describe("the second start", () => {
  test("keeps everything", async () => {
    const folder = newFolder();
    const first = serve(folder);
    const { KeyId } = JSON.parse((await call(await administratorOf(first, folder), "CreateKey", {})).text).KeyMetadata;
    const { CiphertextBlob } = JSON.parse((await call(await administratorOf(first, folder), "Encrypt", { KeyId, Plaintext: "YQ==" })).text);
    const said = (await stop(first)).stdout.split("\n").slice(0, 2);
    const kept = ["root.key", "aws/credentials"].map((file) => readFileSync(join(folder, file), "utf8"));

    const second = serve(folder);
    const { text } = await call(await administratorOf(second, folder), "Decrypt", { CiphertextBlob });
    expect(JSON.parse(text).Plaintext).toBe("YQ==");
    expect(["root.key", "aws/credentials"].map((file) => readFileSync(join(folder, file), "utf8"))).toEqual(kept);
    expect((await stop(second)).stdout.split("\n").slice(0, 2)).toEqual(said);
  });

  test("is refused when the root is missing, and makes no new one", async () => {
    const folder = await madeFolder();
    rmSync(join(folder, "root.key"));
    requireUsage(await serve(folder).ended, /root\.key is missing, and the store in .* cannot be read without it: put the root key back/);
    expect(existsSync(join(folder, "root.key"))).toBe(false);
    rmSync(join(folder, "state.db"));
    requireUsage(await serve(folder).ended, /root\.key is missing/);
  });

  test("is refused when the root is another store's", async () => {
    const [folder, other] = [await madeFolder(), await madeFolder()];
    const before = readFileSync(join(folder, "state.db"));
    writeFileSync(join(folder, "root.key"), readFileSync(join(other, "root.key")));
    requireUsage(await serve(folder).ended, /The root does not open the domain key .* put the right root key back/);
    expect(readFileSync(join(folder, "state.db")).equals(before)).toBe(true);
  });

  test.each(["644", "640", "604", "666"])("is refused when the root has mode %s", async (mode) => {
    const folder = await madeFolder();
    chmodSync(join(folder, "root.key"), Number.parseInt(mode, 8));
    requireUsage(await serve(folder).ended, new RegExp(`root\\.key can be read by others \\(mode ${mode}\\): chmod 600 it`));
  });

  test("is refused when others can read the folder", async () => {
    const folder = await madeFolder();
    chmodSync(folder, 0o755);
    requireUsage(await serve(folder).ended, /can be read by others \(mode 755\): chmod 700 it/);
  });

  test.each([
    "",
    "null",
    "[]",
    "5",
    "{",
    "{}",
    '{"version":2,"control":"AA==","material":"AA=="}',
    '{"version":1,"control":"AA==","material":"AA=="}',
  ])("is refused when the root's file holds %j", async (text) => {
    const folder = await madeFolder();
    writeFileSync(join(folder, "root.key"), text);
    requireUsage(await serve(folder).ended, /root/);
  });

  test.each(["state.db", "log.db"])("is refused when %s is not a database", async (file) => {
    const folder = await madeFolder();
    writeFileSync(join(folder, file), "x".repeat(10_000));
    requireUsage(await serve(folder).ended, /not a database/);
  });
});

describe("a place that cannot be used is told in one line", () => {
  test("a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    requireUsage(await serve(newFolder(), ["--port", String(port)]).ended, /EADDRINUSE.*the port is in use/);
    taken.close();
  });

  test("a folder that is a file, or below one", async () => {
    const folder = newFolder();
    writeFileSync(folder, "");
    requireUsage(await serve(folder).ended, /EEXIST.*it is not a folder/);
    requireUsage(await serve(join(folder, "deeper")).ended, /ENOTDIR.*a part of the path is not a folder/);
  });

  test("a root file in a folder that is not there, or that is a folder", async () => {
    requireUsage(await serve(newFolder(), ["--root", "file:/nowhere/root.key"]).ended, /ENOENT/);
    const folder = newFolder();
    mkdirSync(join(folder, "root.key"), { recursive: true, mode: 0o700 });
    requireUsage(await serve(folder).ended, /root\.key is not a file/);
  });
});
