import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { openToRead } from "#store/drivers/sqlite-schema";
import type { Table } from "#store/port";
import { type CopiedLog, copyLogs } from "./audit-copy.ts";
import { publicKeysFrom, publicKeysIn } from "./audit-pub.ts";
import { type Options, UsageError } from "./options.ts";
import { witnessIn } from "./witness.ts";

/** What a log is held against: kept where whoever can write to the store cannot. */
export interface Evidence {
  readonly publicKeys: ReadonlyMap<string, readonly string[]>;
  /** Files of heads. */
  readonly witness: readonly string[];
}

/** What the options name, beside what the data folder has; of a deployment there is none. @throws {UsageError} */
export function evidenceOf(options: Options): Evidence {
  const { auditKey, data, stack } = options;
  const folder = resolve(data);
  const given = auditKey === undefined ? undefined : resolve(auditKey);
  if (stack !== undefined && given === undefined)
    throw new UsageError("Of a --stack the public audit keys are needed as --audit-key FILE: audit key prints them; keep them elsewhere.");
  if (given !== undefined && !existsSync(given)) throw new UsageError(`${given} is not there: give the public audit keys as --audit-key.`);
  return {
    publicKeys: publicKeysFrom(given ?? publicKeysIn(folder)),
    witness: witnessesOf(options),
  };
}

/** Files of heads that the options name, beside those that the data folder has. */
export const witnessesOf = ({ witness, data, stack }: Options): readonly string[] => [
  ...(stack === undefined ? witnessIn(resolve(data)) : []),
  ...(witness === undefined ? [] : [resolve(witness)]),
];

/** The log that the options name, to read: of a data folder it is the folder's, elsewhere a copy. @throws {UsageError} */
export async function openLog(options: Options, { publicKeys }: Evidence): Promise<CopiedLog> {
  if (options.stack === undefined && options.table.kind === "sqlite") {
    const folder = resolve(options.data);
    if (!existsSync(join(folder, "log.db"))) throw new UsageError(`${folder} holds no log: name its --data folder.`);
    const log = openToRead(folder, "log");
    return { log, close: () => log.close() };
  }
  const region =
    options.region ?? (options.stack === undefined ? undefined : (process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"]));
  // Tables of a deployment are found in one Region; other servers have those of all Regions at one endpoint.
  const regions = region !== undefined ? [region] : options.stack === undefined ? [...publicKeys.keys()] : [];
  if (regions.length === 0) throw new UsageError("Say which --region the log is of.");
  const { tableOf, close } = await tablesOf(options, regions[0] ?? "");
  try {
    return await copyLogs(new Map(regions.map((name) => [name, tableOf(name)])));
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === "ResourceNotFoundException")) throw cause;
    throw new UsageError(`There is no log of ${regions.join(", ")} there: name the --stack or --table-prefix, and the --region.`);
  } finally {
    await close();
  }
}

interface Tables {
  readonly tableOf: (region: string) => Table;
  close(): Promise<void>;
}

/** Pages of a log are large, and the network to them may be slow. */
const PATIENCE_MS = 10_000;

/** The tables themselves, with the AWS credentials at hand: a function that was changed could answer anything. */
async function tablesOf({ stack, table }: Options, region: string): Promise<Tables> {
  if (stack === undefined && table.kind === "dynamodb") {
    const { dynamodbAt } = await import("./dynamodb.ts");
    const { database } = dynamodbAt(table);
    return { tableOf: (name) => database.table("log", name), close: () => database.close() };
  }
  const { openDynamodb, patienceOf } = await import("#store/drivers/dynamodb");
  const tableName = (name: string) => `${stack}-${name}`;
  const database = openDynamodb({ client: { region }, tableName, cacheMs: 0, patience: patienceOf(PATIENCE_MS) });
  return { tableOf: (name) => database.table("log", name), close: () => database.close() };
}
