import { type Database, readMeta } from "#store";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import { Conflict } from "#store/port";
import type { TableName } from "#store/tables";
import { type TableOptions, UsageError } from "./options.ts";

/** Partitions that a day's records are spread over, because DynamoDB limits the writes of each. */
export const SHARDS = 16;

export interface DynamodbStore {
  readonly database: Database;
  /** Creates the global tables and those of these Regions where they are absent. @throws {UsageError} when the endpoint cannot be used. */
  readonly ensureTables: (regions: readonly string[]) => Promise<void>;
  /** Whether a first start has been here. @throws {UsageError} when the endpoint cannot be used. */
  readonly isMade: () => Promise<boolean>;
}

/** A DynamoDB, or what speaks its API: one set of tables a Region, all at one endpoint, for any number of servers. */
export function dynamodbAt({ endpoint, prefix, appendBy, cacheMs }: Extract<TableOptions, { readonly kind: "dynamodb" }>): DynamodbStore {
  const client = { endpoint, region: regionOf(endpoint) };
  const tableName = (name: TableName, region: string): string => `${prefix}-${region}-${name}`;
  const database = openDynamodb({ client, tableName, appendBy, cacheMs });
  const unusable = (cause: Error): never => {
    throw new UsageError(`--dynamodb-endpoint ${endpoint} cannot be used: ${reasonOf(cause)}`);
  };
  return {
    database,
    ensureTables: (regions) => createTables(client, tableName, regions).catch(unusable),
    isMade: () =>
      readMeta(database).then(
        (meta) => meta !== undefined,
        (cause: Error) => cause.name !== "ResourceNotFoundException" && unusable(cause),
      ),
  };
}

/** Finds out at the start, not at the first call, whether the engine can append. @throws {UsageError} */
export async function requireAppend(database: Database, home: string): Promise<void> {
  try {
    await database.table("quotas", home).append([{ pk: "HEALTH", sk: "APPEND", version: 1, body: "{}" }]);
  } catch (cause) {
    if (cause instanceof Conflict) return;
    if (!(cause instanceof Error) || cause.name !== "UnknownOperationException") throw cause;
    throw new UsageError("This engine has no PartiQL, by which records are appended: say --append-by put.");
  }
}

/** AWS's endpoints are signed for by their Region; others take any. */
const regionOf = (endpoint: string): string => /^dynamodb\.([a-z0-9-]+)\.amazonaws\./.exec(new URL(endpoint).hostname)?.[1] ?? "us-east-1";

function reasonOf(cause: Error & { readonly code?: unknown }): string {
  const [line = ""] = cause.message.split("\n");
  if (cause.name === "CredentialsProviderError")
    return `there are no AWS credentials to sign with; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (any will do for a local engine).`;
  return [cause.code, cause.name, line].filter((part) => typeof part === "string" && part !== "" && part !== "Error").join(": ");
}
