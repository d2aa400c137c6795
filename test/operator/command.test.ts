/** What the operator does by `trent`: for a deployment, and beside a server on this machine. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CreateKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newFolder, serve, stop, trent } from "../local/command.ts";
import { ACCOUNT, type Deployed, deploy, HOME } from "./deployed.ts";

describe("trent init and account recover, of a deployment", () => {
  let trentOnAws: Deployed;
  let server: Server;
  let env: Record<string, string> = {};
  const asked: string[] = [];

  /** Answers as Lambda does to Invoke, and runs the function here. */
  beforeAll(async () => {
    trentOnAws = await deploy();
    const operator = trentOnAws.operator();
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        asked.push(`${request.method} ${request.url}`);
        const event = JSON.parse(Buffer.concat(chunks).toString());
        const answering = request.url?.includes("/broken-operator/")
          ? Promise.reject(new Error("The action failed; the function's log says why."))
          : operator(event);
        answering.then(
          (answer) => response.end(JSON.stringify(answer)),
          (cause: Error) => {
            response.setHeader("X-Amz-Function-Error", "Unhandled");
            response.end(JSON.stringify({ errorType: "Error", errorMessage: cause.message }));
          },
        );
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    env = { AWS_ENDPOINT_URL_LAMBDA: endpoint, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: HOME };
  });
  afterAll(() => {
    server.close();
    trentOnAws.stop();
  });

  const run = (...args: string[]) => trent(args, { env }).ended;

  it("show the key that the function answers, once, and its refusals as a line", async () => {
    const first = await run("init", "--stack", "trent", "--account", ACCOUNT, "--json");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const { administrator, ...facts } = JSON.parse(first.stdout);
    expect(facts).toEqual({ region: HOME, home: HOME, account: ACCOUNT, root: trentOnAws.roots.fingerprint });
    await trentOnAws.kms(administrator).send(new ListKeysCommand({}));
    expect(asked).toEqual(["POST /2015-03-31/functions/trent-operator/invocations"]);

    const second = await run("init", "--stack", "trent", "--region", HOME);
    expect([second.code, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toMatch(/^trent: It is initialised already: .*\n$/);

    const recovered = await run("account", "recover", ACCOUNT, "--stack", "trent");
    expect(recovered.code).toBe(0);
    const value = (name: string) => new RegExp(`^${name} +(\\S+)$`, "m").exec(recovered.stdout)?.[1] ?? "";
    expect(value("userArn")).toBe(`arn:aws:iam::${ACCOUNT}:user/administrator-2`);
    const key = { accessKeyId: value("accessKeyId"), secretAccessKey: value("secretAccessKey") };
    await trentOnAws.kms({ ...key, account: ACCOUNT, userArn: "" }).send(new ListKeysCommand({}));
    expect(recovered.stdout).toContain("The secret is shown this once");
  });

  it("so are explain, access who-can and key unlock, in the Region that an ARN says", async () => {
    const administrator = JSON.parse((await run("account", "recover", ACCOUNT, "--stack", "trent", "--json")).stdout);
    const { KeyMetadata: { Arn = "" } = {}, $metadata } = await trentOnAws.kms(administrator).send(new CreateKeyCommand({}));
    const explained = await run("explain", $metadata.requestId ?? "", "--stack", "trent", "--account", ACCOUNT);
    expect([explained.code, explained.stderr]).toEqual([0, ""]);
    expect(explained.stdout).toContain(`request    ${$metadata.requestId}\nasked      kms CreateKey, `);
    const who = await run("access", "who-can", "kms:Encrypt", Arn, "--stack", "trent");
    expect([who.code, who.stdout]).toEqual([0, expect.stringContaining(`may      ${administrator.userArn}, by the identity policy `)]);
    const unlocked = await run("key", "unlock", Arn, "--stack", "trent", "--json");
    expect(JSON.parse(unlocked.stdout)).toMatchObject({ key: Arn, changed: false });
    const unknown = await run("key", "unlock", Arn.replace(/.$/, "z"), "--stack", "trent");
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("trent: There is no key ")]);
  });

  it("so is audit key, the same each time, as a line of audit.pub", async () => {
    const first = await run("audit", "key", "--stack", "trent");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(new RegExp(`^${HOME} [A-Za-z0-9+/]{100,}=*\n$`));
    expect((await run("audit", "key", "--stack", "trent")).stdout).toBe(first.stdout);
  });

  it("so are account create, list and delete", async () => {
    const made = JSON.parse((await run("account", "create", "--stack", "trent", "--name", "Payments", "--ttl", "24h", "--json")).stdout);
    await trentOnAws.kms(made).send(new ListKeysCommand({}));
    const { accounts } = JSON.parse((await run("account", "list", "--stack", "trent", "--json")).stdout);
    const listed = accounts.find(({ account }: { account: string }) => account === made.account);
    expect(listed).toMatchObject({ name: "Payments", state: "active" });
    expect(Date.parse(listed.expires) - Date.parse(listed.created)).toBe(86_400_000);
    const deleted = await run("account", "delete", made.account, "--stack", "trent");
    expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringContaining("nobody in it can call from now on")]);
    await expect(trentOnAws.kms(made).send(new ListKeysCommand({}))).rejects.toThrow("security token included in the request is invalid");
    const again = await run("account", "delete", made.account, "--stack", "trent");
    expect([again.code, again.stderr]).toEqual([1, `trent: The account ${made.account} is deleted already.\n`]);
    const reopened = await run("account", "recover", made.account, "--stack", "trent");
    expect(reopened.stdout).toContain("The account is open again. Keys that are pending deletion stay so");
  });

  it("tell that the function failed, and exit 1", async () => {
    const { code, stderr } = await run("init", "--stack", "broken");
    expect([code, stderr]).toEqual([1, "trent: The function failed: The action failed; the function's log says why.\n"]);
  });

  it.each([
    [["init"], "init is for a deployment: say --stack NAME."],
    [["serve", "--stack", "trent"], "serve is not for a --stack; leave that out."],
    [["init", "--stack", "a/b"], "--stack a/b is not the name of a deployment."],
    [["account", "recover"], "account recover needs ACCOUNT; see --help."],
    [["account", "recover", "12"], "account recover 12: give the account's 12 digits."],
    [["account"], "'account' is not a command; see --help."],
    [["account", "drop", ACCOUNT], "'account' is not a command; see --help."],
  ])("refuse %j", async (args, line) => {
    const { code, stderr, stdout } = await run(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(line);
  });
});

it("trent account recover works beside a running server, and on nothing that is not there", async () => {
  const data = newFolder();
  const running = serve(data);
  const endpoint = await running.ready;
  const { account } = JSON.parse((await trent(["status", "--data", data, "--json"]).ended).stdout);
  const { code, stdout, stderr } = await trent(["account", "recover", account, "--data", data, "--json"]).ended;
  expect([code, stderr]).toEqual([0, ""]);
  const key = JSON.parse(stdout);
  expect(key).toEqual({
    account,
    userArn: `arn:aws:iam::${account}:user/administrator-2`,
    accessKeyId: expect.any(String),
    secretAccessKey: expect.any(String),
  });
  await new KMSClient({ endpoint, region: HOME, credentials: key, maxAttempts: 1 }).send(new ListKeysCommand({}));

  const nobody = await trent(["account", "recover", "000000000001", "--data", data]).ended;
  expect([nobody.code, nobody.stderr]).toEqual([1, "trent: There is no account 000000000001.\n"]);
  const nowhere = await trent(["account", "recover", account, "--data", newFolder()]).ended;
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining("holds no store")]);
  expect((await stop(running)).stderr).toBe("");
  for (const file of ["state.db", "log.db"]) expect(readFileSync(join(data, file)).includes(key.secretAccessKey)).toBe(false);
});
