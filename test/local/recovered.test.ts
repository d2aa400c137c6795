/** Going back in time on DynamoDB, as docs/recovery.md has it: copies of tables stand for what point-in-time recovery restores. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GLOBAL } from "#store";
import { createTables } from "#store/drivers/dynamodb-tables";
import { TABLES, type TableName } from "#store/tables";
import { startDynalite } from "../store/drivers/start-dynalite.ts";
import { type Ended, profileOf, serve, stop, trent } from "./command.ts";

const HOME = "us-east-1";
const AWS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
const RESTORED: readonly TableName[] = ["keys", "principals", "shared-keys"];
const OF_NOW: readonly TableName[] = ["domains", "shared-domains"];

const folder = mkdtempSync(join(tmpdir(), "trent-recovered-"));
const live = join(folder, "live");
let endpoint: string;
let tables: DynamoDBClient;
let close: () => void;

const nameIn = (prefix: string) => (name: TableName, region: string) => `${prefix}-${region}-${name}`;

async function copy(prefix: string, names: readonly TableName[]): Promise<void> {
  for (const name of names) {
    const region = TABLES[name].scope === "global" ? GLOBAL : HOME;
    for await (const { Items = [] } of paginateScan({ client: tables }, { TableName: nameIn("live")(name, region) }))
      for (const Item of Items) await tables.send(new PutItemCommand({ TableName: nameIn(prefix)(name, region), Item }));
  }
}

function doctor(prefix: string): Promise<Ended> {
  const store = ["--table", "dynamodb", "--dynamodb-endpoint", endpoint, "--table-prefix", prefix, "--append-by", "put"];
  const root = `file:${join(live, "root.key")}`;
  return trent(["doctor", "--root", root, "--data", join(folder, prefix), ...store], { env: AWS }).ended;
}

beforeAll(async () => {
  const dynamodb = await startDynalite();
  endpoint = dynamodb.endpoint;
  tables = new DynamoDBClient({ endpoint, region: HOME, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  close = () => {
    tables.destroy();
    dynamodb.stop();
  };
  const store = ["--table", "dynamodb", "--dynamodb-endpoint", endpoint, "--table-prefix", "live", "--append-by", "put", "--regions", HOME];
  const running = serve(live, store, { env: AWS }, (action) => afterAll(action));
  const kms = new KMSClient({ endpoint: await running.ready, region: HOME, credentials: profileOf(live), maxAttempts: 1 });
  const made = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  const KeyId = await made();
  await kms.send(new CreateAliasCommand({ AliasName: "alias/kept", TargetKeyId: KeyId }));
  await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("hi") }));

  for (const prefix of ["drill", "bare"]) {
    await createTables(tables, nameIn(prefix), [HOME]);
    await copy(prefix, RESTORED);
  }
  // After the instant.
  await made();
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
  kms.destroy();
  await stop(running);
  await copy("drill", OF_NOW);
}, 60_000);

afterAll(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

describe("tables of an instant of the past", () => {
  test("are proven whole under the domain keys of now: with the keys that there were, and none that was made since", {
    timeout: 30_000,
  }, async () => {
    const { code, stdout, stderr } = await doctor("drill");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^global +whole: \d+ items, 0 keys, 0 materials$/m);
    expect(stdout).toMatch(/^us-east-1 +whole: \d+ items, 1 keys, 1 materials$/m);
  });

  test("are worth nothing without them", { timeout: 30_000 }, async () => {
    const { code, stdout } = await doctor("bare");
    expect(code).not.toBe(0);
    expect(stdout).not.toContain("whole");
  });
});
