import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CreateKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect, onTestFinished, test } from "vitest";
import { newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { insert, recordsIn } from "./kept-log.ts";

const REGION = "us-east-1";

function clientOf(folder: string, endpoint: string): KMSClient {
  const client = new KMSClient({ endpoint, region: REGION, credentials: profileOf(folder), maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function verified(folder: string) {
  const { code, stdout, stderr } = await trent(["audit", "verify", "--state", "--json", "--data", folder]).ended;
  return { code, stderr, ...JSON.parse(stdout) };
}

test("a log verifies after kill -9 in the middle, restarts, two servers at once and commands beside them", {
  timeout: 120_000,
}, async () => {
  const folder = newFolder();
  const first = serve(folder);
  const client = clientOf(folder, await first.ready);
  const KeyId = (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  const load = (to: KMSClient) =>
    Promise.allSettled(Array.from({ length: 60 }, () => to.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }))));

  const dying = load(client);
  await client.send(new CreateKeyCommand({})).catch(() => undefined);
  first.child.kill("SIGKILL");
  await Promise.all([dying, first.ended]);
  expect(await verified(folder)).toMatchObject({ code: 0, findings: [] });

  const [second, third] = [serve(folder), serve(folder)];
  const both = [clientOf(folder, await second.ready), clientOf(folder, await third.ready)];
  const loads = Promise.all(both.map(load));
  expect((await fetch(new URL("/healthz", await second.ready))).status).toBe(200);
  expect(await verified(folder), "in the middle of it").toMatchObject({ code: 0, findings: [] });
  await loads;
  expect((await trent(["account", "create", "--data", folder]).ended).code).toBe(0);
  expect((await stop(second)).code).toBe(0);
  const { stdout } = await stop(third);
  expect((await stop(third)).code).toBe(0);

  const end = await verified(folder);
  expect(end).toMatchObject({ code: 0, stderr: "", findings: [] });
  expect(end.records).toBeGreaterThan(120);
  expect(end.seals).toBeGreaterThan(2);

  const heads = stdout.split("\n").filter((line) => line.startsWith('{"head":'));
  expect(heads.length, "the server tells its heads").toBeGreaterThan(0);
  const kept = readFileSync(join(folder, "heads.jsonl"), "utf8").split("\n");
  for (const line of heads) expect(kept).toContain(line);
  const { stdout: key } = await trent(["audit", "key", "--data", folder]).ended;
  expect(readFileSync(join(folder, "audit.pub"), "utf8")).toBe(key);
});

test("audit seal takes in what a server that was killed left unsealed, and audit export writes hours that have closed", {
  timeout: 120_000,
}, async () => {
  const folder = newFolder();
  const server = serve(folder);
  const client = clientOf(folder, await server.ready);
  await client.send(new CreateKeyCommand({}));
  await stop(server);
  const sql = new DatabaseSync(join(folder, "log.db"));
  const [row] = recordsIn(sql);
  if (!row) throw new Error("There is no record.");
  const sk = row.sk.replace(/^.{8}/, "01900000");
  insert(sql, { ...row, sk, body: row.body.replace(/"w":"[^"]*","n":\d+,"p":"[^"]*"/, '"w":"killed","n":1,"p":""') });
  sql.close();
  expect(await verified(folder)).toMatchObject({
    code: 1,
    findings: [{ kind: "unsealed", what: expect.stringMatching("record 1 of killed") }],
  });

  const sealed = await trent(["audit", "seal", "--json", "--data", folder]).ended;
  expect(sealed).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(sealed.stdout)).toEqual({ taken: [{ region: REGION, writer: "killed", from: 1, to: 1 }] });
  expect(await verified(folder)).toMatchObject({ code: 0, findings: [] });

  const exported = await trent(["audit", "export", "--json", "--data", folder, "--to", join(folder, "export")]).ended;
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(exported.stdout).regions).toMatchObject([
    { region: REGION, missing: 0, fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
  ]);
  expect(await trent(["audit", "export", "--data", folder]).ended).toMatchObject({ code: 2 });
});

test("audit verify of what is no data folder is a usage error", async () => {
  expect(await trent(["audit", "verify", "--data", newFolder()]).ended).toMatchObject({ code: 2 });
});
