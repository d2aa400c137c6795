/** What a warm call costs on DynamoDB: requests to it, counted at the driver. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as sdk from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as kms from "#kms";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import type { TableName } from "#store/tables";
import { ACCOUNT, HOME, type Service, startService } from "../../service.ts";
import { counting } from "./counting.ts";
import { startDynalite } from "./start-dynalite.ts";

interface World {
  /** Of the call's own, read before. */
  readonly key: string;
  readonly alias: string;
  readonly blob: Uint8Array | undefined;
  readonly grant: string | undefined;
  readonly other: string;
}

type Cost = readonly [reads: number, writes: number];

/**
 * By operation: a call, what it costs while what was read is believed, and what it costs when nothing is.
 *
 * A change is three writes: its intent, itself, its record. A reading call is one: its record. When nothing is believed, a call reads the access
 * key, the user, the account and the key, and whatever it is about. Lists, and what is counted against a limit, are read each time.
 */
const CALLS: Readonly<Record<string, readonly [call: (world: World) => object, within: Cost, beyond: Cost]>> = {
  CancelKeyDeletion: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  CreateAlias: [({ key: TargetKeyId, other }) => ({ TargetKeyId, AliasName: `alias/${other}` }), [3, 3], [7, 3]],
  CreateGrant: [({ key: KeyId }) => ({ KeyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`, Operations: ["Encrypt"] }), [1, 3], [5, 3]],
  CreateKey: [() => ({}), [0, 3], [5, 3]],
  Decrypt: [({ blob: CiphertextBlob }) => ({ CiphertextBlob }), [0, 1], [4, 1]],
  DeleteAlias: [({ alias: AliasName }) => ({ AliasName }), [0, 3], [6, 3]],
  DescribeKey: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  DisableKey: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  EnableKey: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  DisableKeyRotation: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  EnableKeyRotation: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  Encrypt: [({ key: KeyId }) => ({ KeyId, Plaintext: Buffer.from("hi") }), [0, 1], [4, 1]],
  GenerateDataKey: [({ key: KeyId }) => ({ KeyId, KeySpec: "AES_256" }), [0, 1], [4, 1]],
  GenerateDataKeyWithoutPlaintext: [({ key: KeyId }) => ({ KeyId, KeySpec: "AES_256" }), [0, 1], [4, 1]],
  GenerateRandom: [() => ({ NumberOfBytes: 32 }), [0, 1], [3, 1]],
  GetKeyLastUsage: [({ key: KeyId }) => ({ KeyId }), [2, 1], [6, 1]],
  GetKeyPolicy: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  GetKeyRotationStatus: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListAliases: [({ key: KeyId }) => ({ KeyId }), [1, 1], [5, 1]],
  ListGrants: [({ key: KeyId }) => ({ KeyId }), [1, 1], [5, 1]],
  ListKeyPolicies: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListKeyRotations: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListKeys: [() => ({ Limit: 1 }), [1, 1], [4, 1]],
  ListResourceTags: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListRetirableGrants: [() => ({ RetiringPrincipal: `arn:aws:iam::${ACCOUNT}:root` }), [1, 1], [4, 1]],
  PutKeyPolicy: [({ key: KeyId, other: Sid }) => ({ KeyId, Policy: policy(Sid) }), [0, 3], [4, 3]],
  ReEncrypt: [({ blob: CiphertextBlob, other }) => ({ CiphertextBlob, DestinationKeyId: other }), [0, 1], [5, 1]],
  RetireGrant: [({ key, grant: GrantId }) => ({ KeyId: `arn:aws:kms:${HOME}:${ACCOUNT}:key/${key}`, GrantId }), [0, 3], [5, 3]],
  RevokeGrant: [({ key: KeyId, grant: GrantId }) => ({ KeyId, GrantId }), [0, 3], [5, 3]],
  RotateKeyOnDemand: [({ key: KeyId }) => ({ KeyId }), [0, 3], [6, 3]],
  ScheduleKeyDeletion: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  TagResource: [({ key: KeyId }) => ({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] }), [0, 3], [4, 3]],
  UntagResource: [({ key: KeyId }) => ({ KeyId, TagKeys: ["before"] }), [0, 3], [4, 3]],
  UpdateAlias: [({ alias: AliasName, other: TargetKeyId }) => ({ AliasName, TargetKeyId }), [1, 3], [8, 3]],
  UpdateKeyDescription: [({ key: KeyId }) => ({ KeyId, Description: "new" }), [0, 3], [4, 3]],
};

const policy = (Sid: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid, Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" }],
  });

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
