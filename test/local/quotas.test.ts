/** Quotas by `trent quota …`, beside a running server, and from a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newFolder, profileOf, serve, trent } from "./command.ts";

const REGION = "us-east-1";

/** A file with this text. */
function fileOf(text: string, afterwards?: typeof afterAll): string {
  const folder = newFolder(afterwards);
  mkdirSync(folder);
  const path = join(folder, "quotas.json");
  writeFileSync(path, text);
  return path;
}

const data = newFolder(afterAll);
const file = fileOf('{"profile":"off","quotas":{"CreateKey":3}}', afterAll);
const server = serve(data, ["--quotas", file], {}, afterAll);
let endpoint: string;
beforeAll(async () => {
  endpoint = await server.ready;
});

const run = (...args: string[]) => trent(["quota", ...args, "--data", data, "--quotas", file]).ended;
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
const options = (to = endpoint) => ({ endpoint: to, region: REGION, credentials: profileOf(data), maxAttempts: 1 });

/** How many of so many calls at once are admitted. */
async function admitted(calls: number, to = endpoint): Promise<number> {
  const kms = new KMSClient(options(to));
  const made = await Promise.allSettled(Array.from({ length: calls }, () => kms.send(new CreateKeyCommand({}))));
  kms.destroy();
  return made.filter(({ status }) => status === "fulfilled").length;
}

describe("trent quota", () => {
  it("sets what a running server takes up, and takes it back", async () => {
    expect(await admitted(9)).toBeLessThanOrEqual(6);
    const { code, stdout, stderr } = await run("set", "CreateKey", "100");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("CreateKey");
    expect(await admitted(20)).toBe(20);
    expect(await json("set", "CreateKey", "default")).toMatchObject({ name: "CreateKey", value: null, region: "*" });
    expect((await json("list")).quotas).toContainEqual({ name: "CreateKey", code: "L-32B67F4A", value: 3, usual: 3 });
  });

  it("lists for people and for programs", async () => {
    await run("set", "AliasesPerKey", "7", "--region", REGION);
    const { stdout } = await run("list");
    expect(stdout).toMatch(/^AliasesPerKey +7 {2}usually 50 {2}L-340F62FB$/m);
    expect(stdout).toMatch(/^ListKeys +unlimited {2}T-ListKeys$/m);
  });

  it("shows what accounts ask for", async () => {
    expect((await run("requests")).stdout).toContain("Nobody asks for anything.");
    const client = new ServiceQuotasClient(options());
    await client.send(new RequestServiceQuotaIncreaseCommand({ ServiceCode: "kms", QuotaCode: "L-32B67F4A", DesiredValue: 10 }));
    client.destroy();
    expect((await run("requests")).stdout).toMatch(/^\d{12} {2}CreateKey {2}has 3, asks for 10 /m);
  });

  it.each([
    [["set", "CreateKey", "many"], 2, "quota set: many is not a value"],
    [["set", "CreateKey"], 2, "quota set needs NAME VALUE"],
    [["set", "MakeKey", "1"], 1, 'There is no quota "MakeKey"'],
  ])("says what is wrong with %j", async (args, status, line) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr.split("\n").length]).toEqual([status, 2]);
    expect(stderr).toContain(line);
  });
});

describe("a file of quotas", () => {
  it.each([
    ["no JSON", "{", "it is not JSON."],
    ["a quota that there is not", '{"quotas":{"MakeKey":1}}', '"MakeKey" is not a quota'],
  ])("with %s is refused in one line", async (_, text, line) => {
    const wrong = fileOf(text);
    const { code, stderr } = await trent(["serve", "--port", "0", "--data", newFolder(), "--quotas", wrong]).ended;
    expect([code, stderr.split("\n").length]).toEqual([2, 2]);
    expect(stderr).toContain(`--quotas ${wrong}: ${line}`);
  });
});

it("two servers on one data folder admit together what one would, once the first knows of the second", { timeout: 60_000 }, async () => {
  await run("set", "CreateKey", "6");
  const second = await serve(data, ["--quotas", file]).ready;
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const begun = Date.now();
  const both = await Promise.all([admitted(30), admitted(30, second)]);
  const seconds = 1 + Math.ceil((Date.now() - begun) / 1000);
  expect(both[0] + both[1]).toBeLessThanOrEqual(6 * seconds);
  expect(both[0] + both[1]).toBeGreaterThanOrEqual(3);
});
