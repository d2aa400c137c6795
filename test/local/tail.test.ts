import { DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { expect, onTestFinished, test } from "vitest";
import { newFolder, profileOf, serve, trent } from "./command.ts";

const REGION = "us-east-1";
const LINE =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}(ListKeys {18}administrator {2}127\.0\.0\.1 {2}OK|DescribeKey {15}administrator {2}127\.0\.0\.1 {2}NotFoundException)$/;

/** Follows the log until the test is over. */
function following(folder: string, ...options: readonly string[]) {
  const { child, ended } = trent(["audit", "tail", "--data", folder, ...options]);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended, lines: () => output.split("\n").filter((line) => line !== "") };
}

test("audit tail follows the log beside a server, one line an event, of those that are asked for", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const endpoint = await serve(folder).ready;
  const client = new KMSClient({ endpoint, region: REGION, credentials: profileOf(folder), maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  await client.send(new ListKeysCommand({}));

  const all = following(folder);
  const lists = following(folder, "--event", "ListKeys", "--json");
  const others = following(folder, "--key", "1234abcd-12ab-34cd-56ef-1234567890ab");
  const twoEach = async () => {
    await client.send(new ListKeysCommand({}));
    await client.send(new DescribeKeyCommand({ KeyId: "alias/none" })).catch(() => undefined);
    return Math.min(all.lines().length, lists.lines().length);
  };
  await expect.poll(twoEach, { timeout: 30_000, interval: 300 }).toBeGreaterThan(1);

  for (const line of all.lines()) expect(line).toMatch(LINE);
  for (const line of lists.lines()) expect(JSON.parse(line)).toMatchObject({ eventName: "ListKeys", awsRegion: REGION });
  const ids = lists.lines().map((line) => JSON.parse(line).eventID);
  expect(new Set(ids).size, "each is told once").toBe(ids.length);
  expect(others.lines()).toEqual([]);

  all.child.kill("SIGINT");
  expect(await all.ended).toMatchObject({ code: 0, stderr: "" });
});
