import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { randomBytes } from "@trent/crypto";
import { accessOf, variableOf } from "#access";
import { ensureAdministrator } from "#local/first-start";
import type { AnyOperation } from "#operation";
import { rootFromEnvironment } from "#roots/env";
import { ensureDomainKeys, GLOBAL, openShared } from "#store";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import { TABLES, type TableName } from "#store/tables";
import { startDynalite } from "../store/drivers/start-dynalite.ts";

export const REGION = "eu-west-1";
export const ACCOUNT = "111122223333";

/** What a request did to the store. */
export interface Touch {
  readonly table: string;
  readonly action: string;
}

const tableName = (name: TableName): string => `trent-${name}`;

/**
 * A DynamoDB as the stacks of one Region and `init` leave it: tables, domain keys, an administrator.
 *
 * It notes what is done to it from then on.
 */
export async function startStore({ initialised = true } = {}) {
  const { server, endpoint } = await startDynalite();
  const aws = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
  const root = { TRENT_ROOT_KEY: randomBytes(64).toString("base64") };
  const roots = rootFromEnvironment(root);
  const client = new DynamoDBClient({
    region: REGION,
    endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await createTables(client, tableName, [REGION]);
  const database = openDynamodb({ client, tableName, appendBy: "put", cacheMs: 0 });
  const profile = mkdtempSync(join(tmpdir(), "trent-infra-"));

  async function initialise() {
    for (const region of [GLOBAL, REGION]) await ensureDomainKeys(database, region, roots, new Date());
    const shared = await openShared(database, roots);
    await ensureAdministrator({ shared, account: ACCOUNT, home: REGION, now: new Date(), profile });
    const text = readFileSync(join(profile, "credentials"), "utf8");
    const value = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(text)?.[1] ?? "";
    return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
  }

  const credentials = initialised ? await initialise() : { accessKeyId: "AKIANOBODY", secretAccessKey: "none" };
  const touches: Touch[] = [];
  server.on("request", (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { TableName: table = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      touches.push({ table: table.replace("trent-", ""), action: String(request.headers["x-amz-target"]).replace(/^.*\./, "") });
    });
  });

  return {
    database,
    roots,
    credentials,
    initialise,
    touches,

    /** The variables of the function that serves these operations: as the platform and the stack set them, and no table more than it may touch. */
    environmentOf(...operations: readonly AnyOperation[]): Record<string, string> {
      const tables = (Object.keys(TABLES) as TableName[]).filter((table) => table in accessOf(...operations).tables);
      const named = tables.map((table) => [variableOf(table), tableName(table)]);
      return {
        ...aws,
        ...root,
        TRENT_REGION: REGION,
        TRENT_QUOTAS: "off",
        TRENT_METRICS: "off",
        TRENT_APPEND_BY: "put",
        ...Object.fromEntries(named),
      };
    },

    stop(): void {
      client.destroy();
      server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
