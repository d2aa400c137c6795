/** Tables of several Regions as the stacks leave them, on one DynamoDB engine, before anybody has called `init`. */
import type { IncomingMessage } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { randomBytes } from "@trent/crypto";
import { vi } from "vitest";
import { variableOf } from "#access";
import { FACES } from "#faces";
import { dispatchHandlerOf } from "#lambda";
import { type OperatorAnswer, operatorHandlerOf } from "#operator";
import type { AdministratorKey } from "#operator/administrator";
import { operatorLog } from "#pipeline/operator-log";
import { rootFromEnvironment } from "#roots/env";
import { type Database, GLOBAL } from "#store";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import { TABLES, type TableName } from "#store/tables";
import { through } from "../infra/function-url.ts";
import { startDynalite } from "../store/drivers/start-dynalite.ts";

export const HOME = "us-east-1";
export const REPLICA = "eu-west-1";
export const ACCOUNT = "111122223333";
/** What the platform tells a function about itself. */
export const invocation = (region: string) => ({ invokedFunctionArn: `arn:aws:lambda:${region}:${ACCOUNT}:function:trent-operator` });

export type Deployed = Awaited<ReturnType<typeof deploy>>;

const tableName = (name: TableName, region: string): string => `trent-${TABLES[name].scope === "global" ? GLOBAL : region}-${name}`;

export async function deploy() {
  const { server, endpoint } = await startDynalite();
  const aws = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_ENDPOINT_URL_DYNAMODB: endpoint };
  for (const [name, value] of Object.entries(aws)) vi.stubEnv(name, value);
  const client = new DynamoDBClient({ region: HOME, endpoint });
  await createTables(client, tableName, [HOME, REPLICA]);
  const database: Database = openDynamodb({ client, tableName, appendBy: "put", cacheMs: 0 });
  const environment = {
    TRENT_ROOT_KEY: randomBytes(64).toString("base64"),
    TRENT_REGION: HOME,
    TRENT_APPEND_BY: "put",
    TRENT_QUOTAS: "off",
  };
  const roots = rootFromEnvironment(environment);
  const logged: string[] = [];
  const touches: { readonly table: string; readonly action: string }[] = [];
  server.on("request", (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { TableName: table = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      const action = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
      touches.push({ table: table.replace(/^trent-(global|[a-z]+-[a-z]+-\d)-/, ""), action });
    });
  });

  const environmentOf = (region: string) => ({
    ...environment,
    AWS_REGION: region,
    ...Object.fromEntries((Object.keys(TABLES) as TableName[]).map((name) => [variableOf(name), tableName(name, region)])),
  });

  return {
    database,
    roots,
    /** Lines of the function's log. */
    logged,
    /** What was done to the tables, by whomever. */
    touches,
    environmentOf,

    /** An instance of the operator's function, cold. */
    operator(region: string = HOME): (event: unknown) => Promise<OperatorAnswer> {
      const operator = operatorLog("debug", (line) => logged.push(line));
      const handler = operatorHandlerOf({ environment: environmentOf(region), roots: rootFromEnvironment, operator });
      return (event) => handler(event, invocation(region));
    },

    /** A client of the deployed service, for whoever has this key. */
    kms(key: AdministratorKey, region: string = HOME): KMSClient {
      const handler = dispatchHandlerOf(FACES, { version: "0", environment: environmentOf(region) });
      return new KMSClient({
        region,
        endpoint: "https://trent.example",
        credentials: key,
        maxAttempts: 1,
        requestHandler: through(handler),
      });
    },

    /** What the log of the home Region says, whatever the shard. */
    async log(account: string = ACCOUNT) {
      const log = database.table("log", HOME);
      const days = await log.query({ pk: `${account}#DAYS`, limit: 10 });
      const partitions = days.rows.flatMap(({ sk }) => Array.from({ length: 16 }, (_, shard) => `${account}#${sk}#${shard}`));
      const pages = await Promise.all(partitions.map((pk) => log.query({ pk, limit: 1000 })));
      return pages.flatMap(({ rows }) => rows.map(({ sk, body }) => ({ id: sk, record: JSON.parse(body).r })));
    },

    stop(): void {
      client.destroy();
      server.close();
      vi.unstubAllEnvs();
    },
  };
}
