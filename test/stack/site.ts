import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openHost } from "#local/host";
import { ADMINISTRATOR, makeAdministrator } from "#operator/administrator";
import { operatorLog } from "#pipeline/operator-log";
import { rootsFromSecretsManager } from "#roots/secrets-manager";
import { type Database, GLOBAL, type Roots } from "#store";
import { openDynamodb, patienceOf } from "#store/drivers/dynamodb";
import type { ServiceOptions, Site } from "../service.ts";
import { doorOf } from "./clients.ts";
import { deployed, PREFIX, REGIONS } from "./deployment.ts";

const [HOME] = REGIONS;
/** Partitions that functions spread a day's records over. */
export const SHARDS = 16;

/** The part of a service's options that what is deployed has no say in. */
const FIXED = ["quotas", "wallClock", "sandbox", "database", "root"] as const satisfies readonly (keyof ServiceOptions)[];

/** What is deployed, with an account and an administrator of the test's own. The clock is the machine's: see `needs-local-host.ts`. */
export async function siteOnStack(options: ServiceOptions, account: string): Promise<Site> {
  const impossible = FIXED.filter((name) => options[name] !== undefined);
  if (impossible.length > 0)
    throw new Error(`What is deployed cannot be given other ${impossible.join(", ")}: this test is one for the local host.`);
  const { database, roots } = await openStore();
  const logged: string[] = [];
  const host = await openHost({
    database,
    roots,
    home: HOME,
    regions: REGIONS,
    quotas: QUOTA_PROFILES.off,
    sandbox: false,
    operator: operatorLog("debug", (line) => logged.push(line)),
    shards: SHARDS,
  });
  const { shared } = host;
  administrators[account] ??= makeAdministrator({ shared, home: HOME, account, name: ADMINISTRATOR, now: new Date() });
  const administrator = await administrators[account];
  if (!administrator) throw new Error(`Somebody else uses the account ${account}.`);
  return { urlOf: doorOf, database, host, shards: SHARDS, administrator, logged, stop: () => database.close() };
}

/** A file may start more than one service; its account has one administrator. */
const administrators: Record<string, ReturnType<typeof makeAdministrator>> = {};

/** The tables of all Regions, and the roots: what nobody but the operator of the AWS account can open. */
export async function openStore(): Promise<{ readonly database: Database; readonly roots: Roots }> {
  const { endpoint } = deployed();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const clients = REGIONS.map((region) => [region, new DynamoDBClient({ endpoint, region, credentials })] as const);
  const tableName = (name: string) => `${PREFIX}-${name}`;
  const databases = new Map<string, Database>(
    clients.map(([region, client]) => [region, openDynamodb({ client, tableName, cacheMs: 0, patience: patienceOf(6000) })]),
  );

  return {
    roots: rootsFromSecretsManager({
      control: `${PREFIX}/root/control`,
      material: `${PREFIX}/root/material`,
      client: { endpoint, region: HOME, credentials },
    }),
    database: {
      table(name, region) {
        const database = databases.get(region === GLOBAL ? HOME : region);
        if (!database) throw new Error(`Nothing is deployed in ${region}.`);
        return database.table(name, region);
      },
      async close() {
        for (const [, client] of clients) client.destroy();
      },
    },
  };
}
