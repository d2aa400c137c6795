import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { snippet } from "../readme.ts";
import { newFolder, serve } from "./command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const curl = spawnSync("curl", ["--version"], { stdio: "ignore" }).status === 0;
if (!curl) console.warn("NOT RUN: the README's snippet that moves a sandbox's clock, because there is no `curl` here.");

const sandbox = () => {
  const seed = `${newFolder()}-seed.yaml`;
  writeFileSync(seed, snippet("seed"));
  return serve(newFolder(), ["--sandbox", "--seed", seed]).ready;
};

test("the seed of the README is one", { timeout: 60_000 }, async () => {
  const endpoint = await sandbox();
  const describe = async (KeyId: string, region: string, accessKeyId: string) => {
    const kms = new KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey: "any" } });
    return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
  };
  expect(await describe("alias/orders", "us-east-1", "test")).toMatchObject({ KeyState: "Enabled", Description: "orders" });
  expect(await describe("800d5768-3fd7-4edd-a4b8-4c81c3e4c147", "eu-west-1", "111122223333")).toMatchObject({ KeyState: "Disabled" });
});

test.skipIf(!curl)("the snippet of the README moves the clock of a sandbox, and puts it back", { timeout: 60_000 }, async () => {
  const url = await sandbox();
  const script = `set -euo pipefail\n${snippet("moved").replaceAll("http://127.0.0.1:4599", url)}`;
  const env = { PATH: process.env["PATH"], TRENT_ENDPOINT: url };
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: root, env, encoding: "utf8" });
  const days = Array.from(stdout.matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g), ([time]) =>
    Math.abs(Math.round((Date.parse(time) - Date.now()) / 86_400_000)),
  );
  expect(days).toEqual([400, 400, 0]);
});
