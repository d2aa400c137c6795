import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { GLOBAL, TABLES, type TableName } from "../tables.ts";
import type { DynamodbOptions } from "./dynamodb.ts";
import { clientOf, PATIENCE } from "./dynamodb-client.ts";

const POLL_MS = 100;
const LONGEST_MS = 60_000;
/** An engine on a laptop takes its time over a first table. */
const MAKING = { ...PATIENCE, requestMs: 5_000 };

/**
 * Creates the global tables and those of these Regions where they are absent, and returns when all can be used.
 *
 * For the local host and for tests: on AWS the tables are the stacks' to make, and no function may.
 */
export async function createTables(
  given: DynamodbOptions["client"],
  tableName: DynamodbOptions["tableName"],
  regions: readonly string[],
): Promise<void> {
  const client = given instanceof DynamoDBClient ? given : clientOf(given, MAKING);
  const names = Object.keys(TABLES) as TableName[];
  const places = (name: TableName) => (TABLES[name].scope === "global" ? [GLOBAL] : regions);
  try {
    await Promise.all(names.flatMap((name) => places(name).map((region) => ensureTable(client, tableName(name, region), name))));
  } finally {
    if (client !== given) client.destroy();
  }
}

async function ensureTable(client: DynamoDBClient, table: string, name: TableName): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  for (let status = await statusOf(client, table); status !== "ACTIVE"; status = await statusOf(client, table)) {
    if (performance.now() > deadline) throw new Error(`The table ${table} does not become active.`);
    if (status === undefined) await client.send(new CreateTableCommand(inputOf(table, name))).catch(ignore(ResourceInUseException));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if ("expires" in TABLES[name]) await ensureTimeToLive(client, table);
}

async function statusOf(client: DynamoDBClient, table: string): Promise<string | undefined> {
  const answer = await client.send(new DescribeTableCommand({ TableName: table })).catch(ignore(ResourceNotFoundException));
  return answer?.Table?.TableStatus;
}

function inputOf(table: string, name: TableName): CreateTableCommandInput {
  const indexes = Array.from({ length: TABLES[name].indexes }, (_, index) => index + 1);
  const keys = ["pk", "sk", ...indexes.flatMap((index) => [`i${index}pk`, `i${index}sk`])];
  return {
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: "S" as const })),
    KeySchema: schemaOf("pk", "sk"),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: `index${index}`,
        KeySchema: schemaOf(`i${index}pk`, `i${index}sk`),
        Projection: { ProjectionType: "KEYS_ONLY" as const },
      })),
    }),
  };
}

const schemaOf = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: "HASH" as const },
  { AttributeName: sk, KeyType: "RANGE" as const },
];

async function ensureTimeToLive(client: DynamoDBClient, table: string): Promise<void> {
  if (!(await isWithoutTimeToLive(client, table))) return;
  const specification = { AttributeName: "expires", Enabled: true };
  await client
    .send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification }))
    // An engine that does not expire rows keeps them: they are refused by their own dates.
    .catch(async (cause: Error) => {
      if (cause.name === "UnknownOperationException") return;
      // Somebody else may have enabled it meanwhile, which is a ValidationException.
      if (await isWithoutTimeToLive(client, table)) throw cause;
    });
}

async function isWithoutTimeToLive(client: DynamoDBClient, table: string): Promise<boolean> {
  const answer = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  return answer.TimeToLiveDescription?.TimeToLiveStatus === "DISABLED";
}

function ignore(error: new (...args: never[]) => Error): (cause: unknown) => undefined {
  return (cause) => {
    if (!(cause instanceof error)) throw cause;
  };
}
