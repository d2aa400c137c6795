import type { ServiceEvent } from "#domain/service-event";
import type { CallRecord, OwnersRecord } from "#pipeline/again";
import { Refusal } from "./act.ts";
import type { OpenPlace } from "./place.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The record of a call. Its id says when the call began; the record stands under the day on which it ended.
 * @throws {Refusal} when there is none in this account and Region, or it is not of a call.
 */
export async function findRecord({ log, region }: OpenPlace, account: string, requestId: string): Promise<CallRecord> {
  if (!UUID.test(requestId)) throw new Refusal(`${requestId} is not a request id: it is what answers have as x-amzn-RequestId.`);
  if (requestId[14] !== "7")
    throw new Refusal(`${requestId} is an id that a gateway gave: the record that has it as its member g stands under Trent's own.`);
  const found = await log.get(account, requestId);
  if (!found) throw new Refusal(`There is no record of ${requestId} in the account ${account} in ${region}; see --account and --region.`);
  const record = found.record as CallRecord | OwnersRecord | ServiceEvent;
  if (isService(record)) throw new Refusal(`${requestId} is not a call: it is something that Trent did by itself (${record.e}).`);
  if (isOwners(record))
    throw new Refusal(`${requestId} is a call of the account ${record.c.a}: its own record says more; see --account ${record.c.a}.`);
  return record;
}

const isService = (record: CallRecord | OwnersRecord | ServiceEvent): record is ServiceEvent => record.y !== undefined;

/** The copy that the owner of a key has. */
const isOwners = (record: CallRecord | OwnersRecord): record is OwnersRecord => record.c.k === "account";
