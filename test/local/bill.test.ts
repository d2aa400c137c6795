import { CreateKeyCommand, GenerateRandomCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Ended, newFolder, profileOf, serve, trent } from "./command.ts";

// Every test starts a process.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = newFolder(afterAll);
const server = serve(folder, [], {}, afterAll);
const bill = (...args: readonly string[]): Promise<Ended> => trent(["bill", "--data", folder, ...args]).ended;

beforeAll(async () => {
  const endpoint = await server.ready;
  const kms = (region: string) => new KMSClient({ endpoint, region, credentials: profileOf(folder), maxAttempts: 1 });
  await kms("us-east-1").send(new CreateKeyCommand({}));
  for (const region of ["us-east-1", "eu-west-1"]) await kms(region).send(new GenerateRandomCommand({ NumberOfBytes: 1 }));
});

it("trent bill prints what a month comes to, over all Regions", async () => {
  const { code, stdout, stderr } = await bill();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^account \d{12}, \d{4}-\d{2} +US\$ at AWS$/m);
  expect(stdout).toMatch(/^Customer managed keys \(key-months\) +0\.0000 +0\.0000$/m);
  expect(stdout).toMatch(/^Requests \(requests\) +3 +0\.0000$/m);
});

it("as JSON, of one Region and account", async () => {
  const { bills } = JSON.parse((await bill("--json", "--region", "eu-west-1")).stdout);
  expect(bills).toHaveLength(1);
  expect(bills[0].lines).toEqual([{ item: "Requests", quantity: 1, unit: "requests", amount: 0 }]);
  const other = JSON.parse((await bill("--json", "--account", "444455556666")).stdout);
  expect(other.bills).toMatchObject([{ account: "444455556666", lines: [], total: 0 }]);
});

it("as CSV, of a month of its own", async () => {
  const header = "month,account,item,quantity,unit,usd";
  expect((await bill("--csv")).stdout).toMatch(new RegExp(`^${header}\n.*\n\\d{4}-\\d{2},\\d{12},Requests,3,requests,0\\.000000\n$`));
  expect((await bill("--csv", "--month", "2020-02")).stdout).toBe(`${header}\n`);
});

it("refuses what is no month", async () => {
  expect(await bill("--month", "June")).toMatchObject({ code: 2, stderr: "trent: --month June is not a month: give one as 2026-01.\n" });
});
