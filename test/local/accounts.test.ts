/** Accounts by `trent account …`, beside a running server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AdministratorKey } from "#operator/administrator";
import type { ListedAccount } from "#operator/list-accounts";
import { newFolder, profileOf, serve, stop, trent } from "./command.ts";

const REGION = "us-east-1";
const UNKNOWN = "The security token included in the request is invalid.";

const data = newFolder(afterAll);
const running = serve(data, [], {}, afterAll);
let endpoint: string;

beforeAll(async () => {
  endpoint = await running.ready;
});

const run = (...args: string[]) => trent(["account", ...args, "--data", data]).ended;
async function create(...args: string[]): Promise<AdministratorKey> {
  const { code, stdout, stderr } = await run("create", "--json", ...args);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}
const kms = (credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }, region = REGION) =>
  new KMSClient({ endpoint, region, credentials, maxAttempts: 1 });
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
async function listed(account: string): Promise<ListedAccount | undefined> {
  const { accounts } = JSON.parse((await run("list", "--json")).stdout);
  return accounts.find((one: ListedAccount) => one.account === account);
}

describe("trent account create", () => {
  it("makes an account beside a running server, whose administrator can call at once", async () => {
    const key = await create("--id", "222233334444", "--name", "Payments");
    expect(key).toEqual({
      account: "222233334444",
      userArn: "arn:aws:iam::222233334444:user/administrator",
      accessKeyId: expect.stringMatching(/^AKIA/),
      secretAccessKey: expect.any(String),
    });
    const sts = new STSClient({ endpoint, region: REGION, credentials: key, maxAttempts: 1 });
    expect((await sts.send(new GetCallerIdentityCommand())).Arn).toBe(key.userArn);
    expect((await kms(key, "eu-west-1").send(new CreateKeyCommand({}))).KeyMetadata?.AWSAccountId).toBe("222233334444");
    expect((await kms(profileOf(data)).send(new ListKeysCommand({}))).Keys).toEqual([]);
    expect(await listed("222233334444")).toMatchObject({ name: "Payments", state: "active" });
  });

  it("shows the secret to people once, and keeps it nowhere", async () => {
    const { code, stdout } = await run("create");
    expect(code).toBe(0);
    expect(stdout).toContain("The secret is shown this once");
    const secret = /^secretAccessKey +(\S+)$/m.exec(stdout)?.[1] ?? "";
    expect(secret).toMatch(/^\S{40}$/);
    for (const file of ["state.db", "state.db-wal", "log.db", "log.db-wal"])
      expect(readFileSync(join(data, file)).includes(secret)).toBe(false);
  });

  it("lets it live for as long as --ttl says", async () => {
    const key = await create("--ttl", "2s");
    expect(await outcome(kms(key).send(new ListKeysCommand({})))).toBe("answered");
    await vi.waitFor(
      async () => expect(await outcome(kms(key).send(new ListKeysCommand({})))).toBe(`UnrecognizedClientException: ${UNKNOWN}`),
      { timeout: 10_000 },
    );
    expect(await listed(key.account)).toMatchObject({ state: "expired" });
  });

  it.each([
    [["--id", "12"], 2, "--id 12 is not an account: give 12 digits."],
    [["--ttl", "24"], 2, "--ttl 24 is not a time: write it as 30m, 24h or 7d."],
    [["--ttl", "0h"], 2, "--ttl 0h is not a time: write it as 30m, 24h or 7d."],
    [["--ttl", "9999d"], 1, "An account lives for at least a second, and at most ten years."],
    [["--name", ""], 1, "The name of an account has 1 to 50 characters of ASCII."],
    [["more"], 2, "Unexpected argument 'more'"],
  ])("%j is refused", async (args, code, line) => {
    expect(await run("create", ...args)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(line) });
  });
});

describe("trent account delete", () => {
  it("refuses calls of the account at once; account recover takes it back", async () => {
    const key = await create();
    const { KeyMetadata } = await kms(key).send(new CreateKeyCommand({}));
    const { code, stdout } = await run("delete", key.account, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([0, { account: key.account, state: "deleted", pendingWindowInDays: 30 }]);
    expect(await outcome(kms(key).send(new ListKeysCommand({})))).toBe(`UnrecognizedClientException: ${UNKNOWN}`);
    expect(await run("delete", key.account)).toMatchObject({ code: 1, stderr: `trent: The account ${key.account} is deleted already.\n` });

    const recovered = JSON.parse((await run("recover", key.account, "--json")).stdout);
    expect(recovered).toMatchObject({ account: key.account, reopened: true });
    const described = await kms(recovered).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(described.KeyMetadata?.KeyId).toBe(KeyMetadata?.KeyId);
  });

  it("refuses the first account, what is none, and what is not there", async () => {
    const { account } = JSON.parse((await trent(["status", "--data", data, "--json"]).ended).stdout);
    expect(await run("delete", account)).toMatchObject({ code: 1, stderr: expect.stringContaining("it stays") });
    expect(await run("delete", "999988887777")).toMatchObject({ code: 1, stderr: "trent: There is no account 999988887777.\n" });
    expect(await run("delete", "x")).toMatchObject({ code: 2, stderr: "trent: account delete x: give the account's 12 digits.\n" });
    expect(await run("delete")).toMatchObject({ code: 2 });
    expect(await trent(["account", "list", "--sandbox"]).ended).toMatchObject({ code: 2, stdout: "" });
  });
});

it("trent account list tells people of each account in a line, the first one first", async () => {
  const { account } = JSON.parse((await trent(["status", "--data", data, "--json"]).ended).stdout);
  const key = await create("--ttl", "24h", "--name", "A B");
  const lines = (await run("list")).stdout.trim().split("\n");
  expect(lines[0]).toMatch(new RegExp(`^${account}  active   created \\S+  ${account}$`));
  expect(lines.find((line) => line.startsWith(key.account))).toMatch(/^\d{12} {2}active {3}created \S+ {2}expires \S+ {2}A B$/);
});

it("a server that was asked all of this has nothing to complain of", async () => {
  expect((await stop(running)).stderr).not.toContain('"level":"error"');
});
