import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventOf } from "#domain/event";
import { openSqlite } from "#store/drivers/sqlite";
import { reconciling, runDue } from "#timers";
import { faulty, noRecords } from "../pipeline/faulty-database.ts";
import { call } from "../pipeline/signed-request.ts";
import { ACCOUNT, HOME, type Service, startService } from "../service.ts";

let ahead = 0;
const database = faulty(openSqlite({ memory: true }));
let service: Service;
let keyId: string;

beforeAll(async () => {
  service = await startService({ database, clock: () => new Date(Date.now() + ahead) });
  keyId = JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;
});
afterAll(async () => {
  await service.stop();
  await database.close();
});
beforeEach(() => {
  database.strike();
  ahead = 0;
});

const run = () => runDue(reconciling, service.host.timers, HOME);
const later = () => {
  ahead += 6 * 60_000;
};
const describeAs = (Description: string) => call(service, "UpdateKeyDescription", { KeyId: keyId, Description });
async function eventOfCall(id: string) {
  const row = (await service.records(id)).find((one) => one.id === id);
  return row && eventOf({ region: HOME, account: ACCOUNT, id, record: row.record });
}

describe("a change whose outcome could not be recorded", () => {
  test("is answered, raises an alarm, and has one event after five minutes that says it was committed", async () => {
    database.strike(noRecords);
    const { status, requestId } = await describeAs("committed");
    expect(status).toBe(200);
    expect(service.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: "error", event: "outcome not recorded", requestId }),
    );
    database.strike();
    expect(await run(), "it is not old enough").toMatchObject({ done: 0 });
    expect(await eventOfCall(requestId)).toBeUndefined();

    later();
    expect(await run()).toMatchObject({ done: 1, failed: 0 });
    expect(await eventOfCall(requestId)).toMatchObject({
      eventName: "UpdateKeyDescription",
      eventType: "AwsApiCall",
      requestID: requestId,
      userIdentity: { type: "IAMUser", userName: "administrator" },
      sourceIPAddress: "127.0.0.1",
      additionalEventData: { outcome: "committed" },
      resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key" }],
    });
    expect(await eventOfCall(requestId)).not.toHaveProperty("errorCode");
    const rows = await service.records(requestId);
    const rowOf = (id: string) => rows.find((row) => row.id === id)?.record;
    expect(rowOf(requestId).w).toEqual([rowOf(`${requestId}#I`).m]);

    ahead += 6 * 60_000;
    expect(await run(), "nothing is left").toMatchObject({ done: 0 });
    expect((await service.records(requestId)).length).toBe(2);
  });

  test("and did not happen, has an event that says so", async () => {
    database.strike((table, rows) => {
      if (table === "keys") throw new Error("database or disk is full");
      return noRecords(table, rows);
    });
    const { status, requestId } = await describeAs("lost");
    expect(status).toBe(500);
    database.strike();
    later();
    await run();
    expect(await eventOfCall(requestId)).toMatchObject({
      errorCode: "KMSInternalException",
      errorMessage: "The call ended without an outcome, and changed nothing.",
      additionalEventData: { outcome: "not committed" },
    });
    expect((await service.records(requestId)).find(({ id }) => id === requestId)?.record).not.toHaveProperty("w");
  });

  test("and whose item was changed again since, cannot be told from one that lost", async () => {
    database.strike(noRecords);
    const { requestId } = await describeAs("first");
    database.strike();
    await describeAs("second");
    later();
    await run();
    expect(await eventOfCall(requestId)).toMatchObject({ additionalEventData: { outcome: "unknown" } });
  });
});

test("changes that were recorded are left alone", async () => {
  const { requestId } = await describeAs("recorded");
  later();
  expect(await run()).toMatchObject({ done: 0 });
  expect((await service.records(requestId)).length).toBe(2);
});
