import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { call, kmsRequest } from "../pipeline/signed-request.ts";
import { type Ended, newFolder, profileOf, type Starting, serve, stop } from "./command.ts";
import { cannotMount, mountDisk } from "./small-disk.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

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
    expect(stdout).toMatch(/\ntrent \d+\.\d+\.\d+ ready on http:\/\/127\.0\.0\.1:\d+\n(\{"head":.+\}\n)*$/);
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
  });
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

  test("is refused without the root that the store was made under, and works when it is back", async () => {
    const folder = await madeFolder();
    const root = join(folder, "root.key");
    const right = readFileSync(root);

    rmSync(root);
    requireUsage(await serve(folder).ended, /root\.key is missing, and the store in .* cannot be read without it: put the root key back/);
    expect(existsSync(root)).toBe(false);

    const halves = () => randomBytes(32).toString("base64");
    writeFileSync(root, JSON.stringify({ version: 1, control: halves(), material: halves() }), { mode: 0o600 });
    requireUsage(await serve(folder).ended, /The root does not open the domain key .* put the right root key back/);

    const { control } = JSON.parse(right.toString());
    writeFileSync(root, JSON.stringify({ version: 1, control, material: halves() }));
    requireUsage(await serve(folder).ended, /The root does not open the domain key material/);

    writeFileSync(root, right);
    chmodSync(root, 0o640);
    requireUsage(await serve(folder).ended, /root\.key can be read by others \(mode 640\): chmod 600 it/);
    chmodSync(root, 0o600);

    chmodSync(folder, 0o755);
    requireUsage(await serve(folder).ended, /can be read by others \(mode 755\): chmod 700 it/);
    chmodSync(folder, 0o700);

    const again = serve(folder);
    expect(await call(await administratorOf(again, folder), "CreateKey", {})).toMatchObject({ status: 200 });
  });

  test("makes no root beside what is left of a store", async () => {
    const folder = await madeFolder();
    rmSync(join(folder, "root.key"));
    rmSync(join(folder, "state.db"));
    requireUsage(await serve(folder).ended, /root\.key is missing/);
    expect(readdirSync(folder)).not.toContain("root.key");
  });

  test("makes no new store where there was one, and keeps the credentials", async () => {
    const folder = await madeFolder();
    const kept = profileOf(folder);
    for (const lose of [() => truncateSync(join(folder, "state.db")), () => rmSync(join(folder, "state.db"))]) {
      lose();
      requireUsage(await serve(folder).ended, /is empty, though it has been in use: put state\.db back/);
      expect(profileOf(folder)).toEqual(kept);
    }
  });

  test("is refused when a file is not a database", async () => {
    const folder = await madeFolder();
    for (const file of ["log.db", "state.db"]) {
      writeFileSync(join(folder, file), "x".repeat(10_000));
      requireUsage(await serve(folder).ended, /not a database .*the database in the --data folder cannot be used/);
    }
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

  test.skipIf(cannotMount !== undefined)("a disk that is read-only, or full", async () => {
    const folder = newFolder();
    for (const [options, line] of [
      ["ro", /EROFS.*the file system is read-only/],
      ["size=4k", /ENOSPC|database or disk is full/],
    ] as const) {
      const unmount = mountDisk(folder, options);
      requireUsage(await serve(folder).ended, line);
      unmount();
    }
  });
});

describe("SIGTERM", () => {
  test("lets the calls in flight finish, and ends with 0", async () => {
    const folder = newFolder();
    const running = serve(folder);
    const url = await running.ready;
    const { headers, body } = kmsRequest({ url, administrator: profileOf(folder) }, "CreateKey", {});
    const lines = Object.entries({ ...headers, "content-length": String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
    const { hostname, port } = new URL(url);
    const [idle, busy] = [connect(Number(port), hostname), connect(Number(port), hostname)];
    let answer = "";
    busy.on("data", (chunk) => {
      answer += chunk;
    });
    idle.on("error", () => {});
    await new Promise<void>((resolve) => busy.write(`POST / HTTP/1.1\r\n${lines.join("")}\r\n{`, () => resolve()));
    await call({ url, administrator: profileOf(folder) }, "ListKeys", {});

    const asked = performance.now();
    const ended = stop(running);
    await new Promise((resolve) => setTimeout(resolve, 300));
    busy.write("}");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(answer).toContain("KeyMetadata");
  });

  test("does not wait for a call that never ends", async () => {
    const running = serve(newFolder());
    const { hostname, port } = new URL(await running.ready);
    const never = connect(Number(port), hostname).on("error", () => {});
    await new Promise<void>((resolve) => never.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = performance.now();
    expect(await stop(running)).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeLessThan(5000);
  });
});
