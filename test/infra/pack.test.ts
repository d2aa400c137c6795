/** The package that `npm run pack` makes, installed into an empty folder: nothing of this checkout is near it. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient, SignCommand, VerifyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pack } from "#lib/pack";
import { profileOf, type Starting, serve, stop, trent } from "../local/command.ts";

const run = promisify(execFile);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const offline = { ...process.env, npm_config_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };

describe("the package", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "trent-pack-"));
  const installed = join(folder, "node_modules", "trent");
  const data = join(folder, "data");
  const packed: Starting = { main: join(installed, "lambdas", "local", "main.js") };
  let tarball = "";
  beforeAll(async () => {
    tarball = await pack(folder);
    await run("npm", ["install", "--prefix", folder, tarball], { env: offline });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const clientOf = (endpoint: string) => new KMSClient({ endpoint, region: "us-east-1", credentials: profileOf(data) });

  test("is named after the version, needs no other package, and runs nothing when it is installed", () => {
    expect(basename(tarball)).toBe(`trent-${version}.tgz`);
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["trent"]);
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ private: true, license: "Apache-2.0", engines: { node: ">=24" } });
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["scripts"]));
    expect(manifest.dependencies).toBeUndefined();
  });

  test("names what went into it, with the licenses", () => {
    const licenses = readFileSync(join(installed, "THIRD-PARTY-LICENSES"), "utf8");
    for (const name of ["@middy/core", "@noble/curves", "@aws-sdk/client-dynamodb", "prom-client", "tar"])
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(licenses).not.toContain("undefined");
    expect(existsSync(join(installed, "LICENSE"))).toBe(true);
  });

  test("holds no path of the machine that made it", () => {
    const scripts = readdirSync(join(installed, "lambdas", "local"), { withFileTypes: true }).filter((entry) => entry.isFile());
    expect(scripts.length).toBeGreaterThan(10);
    for (const { name } of scripts) expect(readFileSync(join(installed, "lambdas", "local", name), "utf8")).not.toContain(process.cwd());
  });

  test("keeps keys on disk, signs on its threads, and finds all again after a restart", async () => {
    const first = serve(data, [], packed);
    const kms = clientOf(await first.ready);
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob = new Uint8Array() } = await kms.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.from("kept") }));
    const { KeyMetadata: signing } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
    const digest = {
      KeyId: signing?.KeyId,
      Message: Buffer.alloc(32, 1),
      MessageType: "DIGEST",
      SigningAlgorithm: "ECDSA_SHA_256",
    } as const;
    const { Signature } = await kms.send(new SignCommand(digest));
    kms.destroy();
    expect(await stop(first)).toMatchObject({ code: 0, stderr: "" });

    const second = serve(data, [], packed);
    const again = clientOf(await second.ready);
    expect(await again.send(new VerifyCommand({ ...digest, Signature }))).toMatchObject({ SignatureValid: true });
    const { Plaintext } = await again.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("kept");
    const spoilt = Uint8Array.from(CiphertextBlob, (byte, at) => (at === CiphertextBlob.length - 1 ? byte ^ 1 : byte));
    await expect(again.send(new DecryptCommand({ CiphertextBlob: spoilt }))).rejects.toMatchObject({ name: "InvalidCiphertextException" });
    again.destroy();
    expect(await stop(second)).toMatchObject({ code: 0 });
  });

  test("has the operator's commands, too", async () => {
    expect(await trent(["doctor", "--data", data], packed).ended).toMatchObject({ code: 0, stderr: "" });
    expect((await trent(["audit", "verify", "--data", data], packed).ended).code).toBe(0);
  });

  test("runs by npx from its file, in a folder of which it knows nothing", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "trent-npx-"));
    try {
      copyFileSync(tarball, join(elsewhere, basename(tarball)));
      const { stdout } = await run("npx", ["--yes", `./${basename(tarball)}`, "doctor", "--data", data], { cwd: elsewhere, env: offline });
      expect(stdout).toMatch(/whole/);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
