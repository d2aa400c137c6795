/** Guard-rails by `trent guard …`, beside a running server. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newFolder, serve, stop, trent } from "./command.ts";

const data = newFolder(afterAll);
const file = join(data, "policy.json");
const running = serve(data, [], {}, afterAll);
let credentials: { readonly account: string; readonly accessKeyId: string; readonly secretAccessKey: string };
let kms: KMSClient;
const policy = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Deny", Action: "kms:ListKeys", Resource: "*" } });
const run = (...args: string[]) => trent([...args, "--data", data]).ended;
const list = () => kms.send(new ListKeysCommand({}));

beforeAll(async () => {
  const endpoint = await running.ready;
  writeFileSync(file, policy);
  credentials = JSON.parse((await run("account", "create", "--json")).stdout);
  kms = new KMSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
});
afterAll(() => kms.destroy());

it("trent guard put binds an account beside a running server", async () => {
  const { account } = credentials;
  await list();
  const put = await run("guard", "put", "no-lists", "scp", file, "--account", account);
  expect(put).toMatchObject({ code: 0, stdout: `account  ${account}\nscp      no-lists\n`, stderr: "" });
  await expect(list()).rejects.toThrow("with an explicit deny in a service control policy");
  const listed = JSON.parse((await run("guard", "list", "--account", account, "--json")).stdout);
  expect(listed).toEqual({ account, guards: [{ name: "no-lists", kind: "scp", policy }] });
});

it("trent guard put refuses what is no policy of the kind, no file, and too few words", async () => {
  expect(await run("guard", "put", "no-lists", "rcp", file)).toMatchObject({ code: 1, stdout: "" });
  expect(await run("guard", "put", "no-lists", "scp", join(data, "none"))).toMatchObject({ code: 2, stdout: "" });
  expect(await run("guard", "put", "no-lists")).toMatchObject({ code: 2, stderr: "trent: guard put needs NAME KIND FILE; see --help.\n" });
});

it("trent guard remove lets it go again", async () => {
  const { account } = credentials;
  expect(await run("guard", "remove", "no-lists", "--account", account)).toMatchObject({ code: 0 });
  await list();
  expect((await run("guard", "list", "--account", account)).stdout).toContain("It has no guard-rails.");
  expect((await stop(running)).stderr).toBe("");
});
