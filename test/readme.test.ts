/** The README says what is so: its tables are those of the code, its commands exist, and its snippets run against `npm start` as it ships. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as kms from "#kms";
import { type ServerProcess, startServer } from "./clients/server-process.ts";
import { DEPLOY, documented, documentedDeploy } from "./docs.ts";
import { type ProviderProcess, startProviderProcess } from "./issuers/provider-process.ts";
import { modelOf } from "./model/model.ts";
import { call } from "./pipeline/signed-request.ts";
import { README, snippet } from "./readme.ts";
import { type Service, startService } from "./service.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = README;
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("the tables of the README", () => {
  test("are those of the code: npm run docs changes nothing", () => {
    expect(documented(readme)).toBe(readme);
    const deploy = readFileSync(DEPLOY, "utf8");
    expect(documentedDeploy(deploy)).toBe(deploy);
  });

  test("name what is refused, and it is refused so", async () => {
    const service = await startService();
    try {
      const served = new Set(Object.values(kms).map(({ name }) => name));
      for (const name of Object.keys(modelOf("kms").operations)) {
        if (!served.has(name as never))
          expect([name, (await call(service, name, {})).error.name]).toEqual([name, "UnknownOperationException"]);
      }
      const refused = (operation: string, input: object) => refusal(service, operation, input);
      expect(await refused("CreateKey", { KeySpec: "SM2" })).toBe("KeySpec SM2 is not available in this version.");
      expect(await refused("CreateKey", { Origin: "AWS_CLOUDHSM" })).toBe("Origin AWS_CLOUDHSM is not available in this version.");
      expect(await refused("CreateKey", { CustomKeyStoreId: "cks-1" })).toBe("CustomKeyStoreId is not available in this version.");
      expect(await refused("GenerateRandom", { NumberOfBytes: 1, Recipient: {} })).toBe("Recipient is not available in this version.");
    } finally {
      await service.stop();
    }
  });
});

/** The text of an UnsupportedOperationException. */
async function refusal(service: Service, operation: string, input: object): Promise<string | undefined> {
  const { error } = await call(service, operation, input);
  return error.name === "UnsupportedOperationException" ? error.text : error.name;
}

describe("what the README names", () => {
  test("are scripts that there are", () => {
    const named = Array.from(readme.matchAll(/npm run (?:-s )?([a-z]+)/g), ([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("are options that the command has", () => {
    const help = spawnSync(process.execPath, ["lambdas/local/main.ts", "--help"], { cwd: root, encoding: "utf8" }).stdout;
    const named = Array.from(readme.matchAll(/`(--[a-z-]+)`/g), ([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !help.includes(`  ${name} `))).toEqual([]);
  });

  test("are files and folders that there are", () => {
    const named = Array.from(readme.matchAll(/[`(]((?:examples|lambdas|lib|test)\/[\w./-]*|LICENSE)[`)]/g), ([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

const has = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const aws = has("aws", "--version");
const boto3 = has("python3", "-c", "import boto3");
if (!aws) console.warn("NOT RUN: the README's snippet for the AWS CLI, because there is no `aws` here.");
if (!boto3) console.warn("NOT RUN: the README's snippet for Python, because `python3` has no boto3 here.");

describe("the snippets of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "trent-readme-"));
  /** Of this process, without what would win over the profile. */
  const env: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|TRENT)_/.test(name)));
  let server: ServerProcess;
  let github: ProviderProcess;

  beforeAll(async () => {
    github = await startProviderProcess("token.actions.githubusercontent.com", { sub: "repo:octo-org/orders:ref:refs/heads/main" });
    Object.assign(env, { TRENT_DATA: join(folder, ".trent"), TRENT_PORT: "0" });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const [install, start] = snippet("start").trim().split("\n");
    expect(install).toBe("npm ci");
    server = await startServer(["bash", "-c", start ?? ""], root, { ...env, ...github.env });
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await github?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a script in the shell of somebody who has followed the README so far; answers the last line it printed. */
  async function lastLineOf(script: string): Promise<string | undefined> {
    const inShell = `set -euo pipefail\n${snippet("env")}\ncd '${folder}'\n${script}`;
    const { stdout } = await promisify(execFile)("bash", ["-c", inShell], { cwd: root, env, encoding: "utf8" });
    return stdout.trim().split("\n").at(-1);
  }

  test("start a server, which prints the lines that `env` prints", async () => {
    const printed = server
      .printed()
      .split("\n")
      .filter((line) => line.startsWith("export "));
    const { stdout } = await promisify(execFile)("bash", ["-c", "npm run -s trent -- env"], { cwd: root, env, encoding: "utf8" });
    expect(printed).toHaveLength(3);
    expect(stdout.trim().split("\n")).toEqual(printed);
  });

  test("encrypt and decrypt in JavaScript", async () => {
    writeFileSync(join(folder, "snippet.mjs"), snippet("js"));
    expect(await lastLineOf(`'${process.execPath}' snippet.mjs`)).toBe("hello");
  });

  test.skipIf(!aws)("encrypt and decrypt with the AWS CLI", { timeout: 60_000 }, async () => {
    expect(await lastLineOf(snippet("aws"))).toBe("hello");
  });

  test.skipIf(!aws)("encrypt in one Region and decrypt in another", { timeout: 60_000 }, async () => {
    expect(await lastLineOf(snippet("regions"))).toBe("hello");
  });

  test.skipIf(!aws)("take a team of three from zero to working, in ten commands", { timeout: 180_000 }, async () => {
    const parts = ["team", "developer", "ci"].map(snippet);
    expect(parts.join("").match(/\baws (?:sts|iam|kms) /g)).toHaveLength(10);
    const [team, developer, ci] = parts.map((part) => part.replace("http://127.0.0.1:4599", server.url));
    // Who works elsewhere has a shell of its own, and no profile.
    const job = `export ACTIONS_ID_TOKEN_REQUEST_TOKEN=any ACTIONS_ID_TOKEN_REQUEST_URL='${github.tokenUrl}'`;
    const elsewhere = "unset AWS_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE";
    const refused = "if aws kms create-key 2> refused.txt; then exit 1; fi; grep -q AccessDenied refused.txt";
    const script = `${team}\n(${developer}\n${refused})\n(${elsewhere}\n${job}\n${ci}\n${refused})`;
    expect(await lastLineOf(script)).toBe("hello");
  });

  test("make an account, and list it", { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)("bash", ["-c", `set -euo pipefail\n${snippet("accounts")}`], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(stdout).toMatch(/^secretAccessKey +\S{40}$/m);
    expect(stdout).toMatch(/^\d{12} {2}active {3}created \S+ {2}expires \S+ {2}payments$/m);
  });

  test("keep keys that were used within 30 days from deletion", { timeout: 60_000 }, async () => {
    const inRoot = (script: string) => promisify(execFile)("bash", ["-c", `set -euo pipefail\n${script}`], { cwd: root, env });
    await inRoot(snippet("guard"));
    try {
      // A server believes for a moment what it has read of an account.
      const tries = `import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
        const kms = new KMSClient();
        let said = "";
        for (let tries = 0; said === "" && tries < 100; tries += 1) {
          const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
          said = await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata.KeyId })).then(() => "", ({ message }) => message);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        console.log(said);`;
      writeFileSync(join(folder, "tries.mjs"), tries);
      expect(await lastLineOf(`'${process.execPath}' tries.mjs`)).toMatch(/ with an explicit deny in a service control policy$/);
    } finally {
      await inRoot("npm run -s trent -- guard remove in-use");
    }
  });

  test("register a service, and list it", { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)("bash", ["-c", `set -euo pipefail\n${snippet("services")}`], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(stdout).toMatch(/^secretAccessKey +\S{40}$/m);
    expect(stdout).toMatch(/^s3\.amazonaws\.com {2}AKIA[A-Z2-7]{16} {2}registered \S+$/m);
  });

  test.skipIf(!aws)("put a sandbox in the place of LocalStack's KMS", { timeout: 60_000 }, async () => {
    const [start = "", ...rest] = snippet("sandbox").trim().split("\n");
    const sandbox = await startServer(["bash", "-c", start.replace(/ &$/, "")], root, env);
    try {
      const script = rest.join("\n").replace("http://127.0.0.1:4599", sandbox.url);
      expect(script).toContain(sandbox.url);
      const { stdout } = await promisify(execFile)("bash", ["-c", `set -euo pipefail\n${script}`], { cwd: folder, env, encoding: "utf8" });
      expect(JSON.parse(stdout).KeyMetadata.KeyState).toBe("Enabled");
    } finally {
      await sandbox.stop();
    }
  });

  test.skipIf(!boto3)("encrypt and decrypt in Python", { timeout: 60_000 }, async () => {
    writeFileSync(join(folder, "snippet.py"), snippet("boto3"));
    expect(await lastLineOf("python3 snippet.py")).toBe("hello");
  });
});
