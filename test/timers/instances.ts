/** Function instances that record calls on DynamoDB, and the function that seals what they leave. */
import { randomUUID } from "node:crypto";
import type { Witnessed } from "#domain/seal-check";
import { operatorLog } from "#pipeline/operator-log";
import { openRegional, openShared, type Regional } from "#store";
import { leasesOf } from "#store/leases";
import { sealing, timerHandlerOf } from "#timers";
import { requestId } from "#wire/request-id";
import { ACCOUNT, REGION, type startStore } from "../infra/store.ts";

type Store = Awaited<ReturnType<typeof startStore>>;

export const SHARDS = 2;

/** Another instance of a function. */
export async function instance({ database, roots }: Store): Promise<Regional> {
  const shared = await openShared(database, roots);
  return openRegional(database, REGION, roots, shared, { shards: SHARDS, days: 90, newWriter: randomUUID });
}

/** Calls that an instance records, as they are at a time, by their ids and their day. */
export async function calls({ log }: Regional, count: number, began = new Date(), at = began): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => requestId(began));
  for (const id of ids) await log.append({ account: ACCOUNT, id, at, body: "{}" });
  return ids;
}

/** The row of a call that was recorded today. */
export async function rowOf({ database }: Store, id = "") {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const row = await database.table("log", REGION).get({ pk: `${ACCOUNT}#${day}#${shard}`, sk: id });
    if (row) return row;
  }
  throw new Error(`${id} is not there.`);
}

let ahead = 0;

/** A run of the function: what it said on its standard output. */
export async function seal(store: Store): Promise<readonly Witnessed[]> {
  const told: Witnessed[] = [];
  const regional = await instance(store);
  ahead += 120_000;
  const deps = {
    region: async () => regional,
    leases: () => leasesOf(store.database.table("keys", REGION)),
    now: () => new Date(),
    // Whoever ran a moment ago does not keep another from it here.
    wallClock: () => new Date(Date.now() + ahead),
    newId: () => requestId(new Date()),
    holder: randomUUID(),
    operator: operatorLog("error", () => undefined),
    testify: (line: Witnessed) => told.push(line),
  };
  await timerHandlerOf(sealing, deps, REGION)({ source: "aws.events" });
  return told;
}
