import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { call } from "../pipeline/signed-request.ts";
import { newFolder, profileOf, type Running, serve, stop, trent } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

describe("the sandbox", () => {
  const start = async (args: readonly string[] = []): Promise<Running & { url: string; folder: string }> => {
    const folder = newFolder();
    const running = serve(folder, ["--sandbox", ...args]);
    return { ...running, url: await running.ready, folder };
  };
  const nobody = { accessKeyId: "", secretAccessKey: "" };

  test("says loudly what it is, and keeps nothing", async () => {
    const sandbox = await start();
    const { code, stdout, stderr } = await stop(sandbox);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("SANDBOX: any credentials, no quotas, nothing is kept.");
    expect(stdout).not.toContain("AWS_PROFILE");
    expect(existsSync(sandbox.folder)).toBe(false);
  });

  test("takes unsigned calls, and any signature: a key id of 12 digits is the account", async () => {
    const { url } = await start();
    const arnBy = async (signing: object) =>
      JSON.parse((await call({ url, administrator: nobody }, "CreateKey", {}, signing)).text).KeyMetadata.Arn;
    const signed = (accessKeyId: string) => ({ credentials: { accessKeyId, secretAccessKey: "whatever" } });
    expect(await arnBy({ credentials: undefined })).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//);
    expect(await arnBy(signed("test"))).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//);
    expect(await arnBy(signed("123456789012"))).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\//);
    expect(await arnBy({ ...signed("123456789012"), region: "eu-west-1", date: new Date(0) })).toMatch(
      /^arn:aws:kms:eu-west-1:123456789012:key\//,
    );
  });

  test("listens on any address that it is told to", async () => {
    const { url } = await start(["--host", "0.0.0.0"]);
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
    expect((await fetch(`http://127.0.0.1:${new URL(url).port}/healthz`)).status).toBe(200);
  });

  test("is not entered by accident: without it neither is so", async () => {
    const folder = newFolder();
    expect(await serve(folder, ["--host", "0.0.0.0"]).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is not a loopback address"),
    });
    const url = await serve(folder).ready;
    expect((await call({ url, administrator: nobody }, "CreateKey", {}, { credentials: undefined })).error.name).toBe(
      "MissingAuthenticationTokenException",
    );
  });
});

describe("beside a server", () => {
  test("env prints what a shell takes, and status what is there", async () => {
    const folder = newFolder();
    const running = serve(folder);
    const url = await running.ready;
    const at = ["--data", folder];

    const env = await trent(["env", ...at]).ended;
    expect(env).toEqual({
      code: 0,
      stderr: "",
      stdout: `export AWS_CONFIG_FILE='${join(folder, "aws", "config")}'\nexport AWS_SHARED_CREDENTIALS_FILE='${join(folder, "aws", "credentials")}'\nexport AWS_PROFILE='trent'\n`,
    });
    const { AWS_PROFILE } = JSON.parse((await trent(["env", "--json", ...at]).ended).stdout);
    expect(AWS_PROFILE).toBe("trent");

    const status = await trent(["status", "--json", ...at]).ended;
    expect(status).toMatchObject({ code: 0, stderr: "" });
    const facts = JSON.parse(status.stdout);
    expect(facts).toMatchObject({
      data: folder,
      home: "us-east-1",
      endpoint: url,
      answers: true,
      account: expect.stringMatching(/^\d{12}$/),
    });
    expect(await (await fetch(new URL("/healthz", url))).json()).toMatchObject({ status: "ok", root: facts.root });
    expect(await call({ url, administrator: profileOf(folder) }, "CreateKey", {})).toMatchObject({ status: 200 });

    await stop(running);
    expect(await trent(["status", ...at]).ended).toMatchObject({ code: 1, stdout: expect.stringContaining("answers   false") });
  });

  test("both are refused where there is no store", async () => {
    for (const command of ["env", "status"]) {
      const folder = newFolder();
      expect(await trent([command, "--data", folder]).ended).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining(folder),
      });
      expect(existsSync(folder)).toBe(false);
    }
  });
});
