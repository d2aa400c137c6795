/** What a warm call costs on DynamoDB: requests to it, counted at the driver. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as sdk from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as kms from "#kms";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import type { TableName } from "#store/tables";
import { ACCOUNT, HOME, type Service, startService } from "../../service.ts";
import { CALLS, type World } from "./calls.ts";
import { counting } from "./counting.ts";
import { startDynalite } from "./start-dynalite.ts";

const COMMANDS: Readonly<Record<string, unknown>> = { ...sdk };

const WITHIN = 3_600_000;
const taken: string[][] = [];

let endpoint: string;
let client: DynamoDBClient;
let close: () => void;

beforeAll(async () => {
  const dynamodb = await startDynalite();
  endpoint = dynamodb.endpoint;
  client = new DynamoDBClient({ endpoint, region: HOME, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  close = () => {
    client.destroy();
    dynamodb.stop();
  };
});

afterAll(() => {
  close();
  const rows = taken.map((cells) => cells.map((cell, column) => cell.padEnd(column === 0 ? 34 : 16)).join(""));
  console.log(["Requests to DynamoDB of a warm call: within the cache window, and with nothing in the cache", ...rows].join("\n"));
});

test("every operation has its numbers here", () => {
  const missing = Object.values(kms).flatMap(({ name }) => (Object.hasOwn(CALLS, name) ? [] : [name]));
  if (missing.length > 0) console.warn(`NOT COUNTED: ${missing.join(", ")}`);
  expect(Object.keys(CALLS).filter((name) => !Object.values(kms).some((operation) => operation.name === name))).toEqual([]);
});

describe.each([
  ["within the cache window", WITHIN, 1],
  ["with nothing in the cache", 0, 2],
] as const)("%s", (_, cacheMs, column) => {
  let service: Service;
  let database: ReturnType<typeof counting>;
  let administrator: sdk.KMSClient;

  beforeAll(async () => {
    const named = (name: TableName, region: string): string => `${cacheMs}-${region}-${name}`;
    await createTables(client, named, [HOME]);
    database = counting(openDynamodb({ client, tableName: named, appendBy: "put", cacheMs }));
    service = await startService({ database, regions: [HOME] });
    administrator = service.kms();
  });
  afterAll(() => service.stop());

  async function key(): Promise<string> {
    const { KeyMetadata: { KeyId = "" } = {} } = await administrator.send(
      new sdk.CreateKeyCommand({ Tags: [{ TagKey: "before", TagValue: "x" }] }),
    );
    return KeyId;
  }

  async function worldFor(operation: string): Promise<World> {
    const [KeyId, other] = [await key(), await key()];
    const alias = `alias/of-${KeyId}`;
    if (operation.endsWith("Alias")) await administrator.send(new sdk.CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
    const { GrantId: grant } = /^Re.*Grant$/.test(operation)
      ? await administrator.send(
          new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`, Operations: ["Encrypt"] }),
        )
      : {};
    const { CiphertextBlob: blob } = await administrator.send(new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from("hi") }));
    if (operation === "CancelKeyDeletion") await administrator.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }));
    if (operation === "EnableKey") await administrator.send(new sdk.DisableKeyCommand({ KeyId }));
    for (const read of [KeyId, other, ...(operation.endsWith("Alias") && operation !== "CreateAlias" ? [alias] : [])])
      await administrator.send(new sdk.DescribeKeyCommand({ KeyId: read }));
    if (grant) await administrator.send(new sdk.ListGrantsCommand({ KeyId, GrantId: grant }));
    return { key: KeyId, other, alias, blob, grant };
  }

  test.each(Object.entries(CALLS))("%s", async (operation, [call, ...costs]) => {
    const Command = COMMANDS[`${operation}Command`] as typeof sdk.EncryptCommand;
    await administrator.send(new Command(call(await worldFor(operation)) as never));
    const input = call(await worldFor(operation));
    database.taken();
    await administrator.send(new Command(input as never));
    const { reads, writes } = database.taken();
    const cell = `${reads} r ${writes} w`;
    if (column === 1) taken.push([operation, cell]);
    else taken.find(([name]) => name === operation)?.push(cell);
    expect([reads, writes]).toEqual(costs[column - 1]);
  });
});
