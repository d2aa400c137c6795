import type { ServiceEvent } from "#domain/service-event";
import type { CallRecord, OwnersRecord } from "#pipeline/again";
import { type OperatorDeps, Refusal } from "./act.ts";

const DAY = 86_400_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The record of a call. Its id says when the call began; the record stands under the day on which it ended.
 * @throws {Refusal} when there is none in this account and Region, or it is not of a call.
 */
export async function findRecord({ database, region, shards }: OperatorDeps, account: string, requestId: string): Promise<CallRecord> {
  if (!UUID.test(requestId)) throw new Refusal(`${requestId} is not a request id: it is what answers have as x-amzn-RequestId.`);
  const began = Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16);
  if (requestId[14] !== "7")
    throw new Refusal(`${requestId} is an id that a gateway gave: the record that has it as its member g stands under Trent's own.`);
  const log = database.table("log", region);
  const days = [began, began + DAY].map((time) => new Date(time).toISOString().slice(0, 10).replaceAll("-", ""));
  const places = days.flatMap((day) => Array.from({ length: shards }, (_, shard) => `${account}#${day}#${shard}`));
  const rows = await Promise.all(places.map((pk) => log.get({ pk, sk: requestId })));
  const row = rows.find((found) => found !== undefined);
  if (!row) throw new Refusal(`There is no record of ${requestId} in the account ${account} in ${region}; see --account and --region.`);
  const record: CallRecord | OwnersRecord | ServiceEvent = JSON.parse(row.body).r;
  if ("y" in record) throw new Refusal(`${requestId} is not a call: it is something that Trent did by itself (${record.e}).`);
  if (isOwners(record))
    throw new Refusal(`${requestId} is a call of the account ${record.c.a}: its own record says more; see --account ${record.c.a}.`);
  return record;
}

/** The copy that the owner of a key has. */
const isOwners = (record: CallRecord | OwnersRecord): record is OwnersRecord => record.c.k === "account";
