import { randomUUID } from "node:crypto";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import { Conflict, type Row, type Table } from "#store/port";
import type { TableName } from "#store/tables";
import { contract } from "./contract.ts";
import { startDynalite } from "./start-dynalite.ts";
import { type Engine, mac, REGIONS, type Store } from "./subject.ts";

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

const engine: Engine = {
  async start() {
    const { endpoint, stop } = await startDynalite();
    const store = await storeAt(endpoint, "put", 50);
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
  contenders: 2,
  cacheMs: 50,
};

contract("dynalite", engine);

if (given) contract(given, { ...engine, start: () => storeAt(given, "partiql", 0), cacheMs: 0 });

describe.each(given ? (["put", "partiql"] as const) : (["put"] as const))(
  "a reply that is lost, so that the SDK asks again (append by %s)",
  (appendBy) => {
    let client: DynamoDBClient;
    let stop = (): void => {};
    let table: Table;
    let log: Table;
    /** How many replies are dropped from now on, and what happens before the next try. */
    let lost = 0;
    let meanwhile = async (): Promise<void> => {};

    beforeAll(async () => {
      const dynalite = given === undefined ? await startDynalite() : undefined;
      stop = dynalite?.stop ?? stop;
      client = new DynamoDBClient(configOf(given ?? dynalite?.endpoint ?? ""));
      const prefix = randomUUID();
      const tableName = (name: TableName, region: string) => `${prefix}-${region}-${name}`;
      await createTables(client, tableName, [REGIONS[0]]);
      // Again: what is there stays.
      await createTables(client, tableName, [REGIONS[0]]);
      const database = openDynamodb({ client, tableName, appendBy, cacheMs: 0 });
      table = database.table("keys", REGIONS[0]);
      log = database.table("log", REGIONS[0]);
      client.middlewareStack.add(
        (next) => async (args) => {
          const reply = await next(args);
          if (lost === 0) return reply;
          lost -= 1;
          await meanwhile();
          throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        },
        { step: "deserialize", priority: "low" },
      );
    });

    beforeEach(() => {
      meanwhile = async () => {};
      lost = 1;
    });

    afterAll(() => {
      client.destroy();
      stop();
    });

    const rowOf = (version: number, body = "{}"): Row => ({ pk: randomUUID(), sk: "KEY", version, body, mac });

    test("put and append succeed when the row is theirs", async () => {
      const row = rowOf(1);
      await table.put(row);
      lost = 1;
      await table.put({ ...row, version: 2 }, 1);
      lost = 1;
      const { mac: _, ...entry } = rowOf(1);
      await log.append([entry]);
      expect(await table.get(row)).toEqual({ ...row, version: 2 });
      expect(await log.get(entry)).toEqual(entry);
    });

    test("put and append conflict when the row is another's", async () => {
      lost = 0;
      const row = rowOf(1);
      await table.put(row);
      await log.append([row]);
      for (const write of [
        () => table.put({ ...row, body: "[]" }),
        // Who writes the same as another has not written it.
        () => table.put(row),
        () => log.append([{ ...row, body: "[]" }]),
        () => table.put({ ...row, version: 9 }, 8),
      ]) {
        lost = 1;
        // The first try was refused as well, and its reply lost.
        await expect(write()).rejects.toThrow(Conflict);
      }
    });

    test("a replacement that was replaced meanwhile is a conflict", async () => {
      lost = 0;
      const row = rowOf(1);
      await table.put(row);
      meanwhile = () => table.put({ ...row, version: 3, body: "[]" }, 2);
      lost = 1;
      await expect(table.put({ ...row, version: 2 }, 1)).rejects.toThrow(Conflict);
    });

    test("delete succeeds when the row is gone, and conflicts when there is another", async () => {
      lost = 0;
      const row = rowOf(1);
      await table.put(row);
      lost = 1;
      await table.delete(row, 1);
      await table.put(row);
      meanwhile = () => table.put({ ...row, version: 4 });
      lost = 1;
      await expect(table.delete(row, 1)).rejects.toThrow(Conflict);
    });

    test("add counts twice, which is the side to err on", async () => {
      expect(await table.add({ pk: randomUUID(), sk: "N" }, 1, 10)).toBe(2);
    });
  },
);
