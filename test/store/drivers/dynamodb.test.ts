import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import type { TableName } from "#store/tables";
import { contract } from "./contract.ts";
import { type Engine, REGIONS, type Store } from "./subject.ts";

const given = process.env["TRENT_TEST_DYNAMODB"];

const configOf = (endpoint: string): DynamoDBClientConfig => ({
  endpoint,
  region: REGIONS[0],
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** Tables of their own, at an endpoint, for one run. */
async function storeAt(endpoint: string, appendBy: "partiql" | "put", cacheMs: number): Promise<Store> {
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const tableName = (name: TableName, region: string) => `${prefix}-${region}-${name}`;
  const client = new DynamoDBClient(configOf(endpoint));
  await createTables(client, tableName, REGIONS);
  return {
    open: () => openDynamodb({ client, tableName, appendBy, cacheMs }),
    stop: async () => client.destroy(),
  };
}

async function startDynalite(): Promise<{ readonly endpoint: string; stop(): void }> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

const dynaliteEngine = (cacheMs: number): Engine => ({
  async start() {
    const { endpoint, stop } = await startDynalite();
    const store = await storeAt(endpoint, "put", cacheMs);
    return {
      open: store.open,
      async stop() {
        await store.stop();
        stop();
      },
    };
  },
  shared: true,
  atomicAppends: false,
  contenders: 4,
  cacheMs,
});

contract("dynalite", dynaliteEngine(50));

if (given) contract(given, { ...dynaliteEngine(0), start: () => storeAt(given, "partiql", 0) });
