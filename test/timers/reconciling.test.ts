import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventOf } from "#domain/event";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openHost } from "#local/host";
import { operatorLog } from "#pipeline/operator-log";
import type { Database } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { deletion, reconciling, runDue } from "#timers";
import { requestId as newRequestId } from "#wire/request-id";
import { faulty, noRecords } from "../pipeline/faulty-database.ts";
import { call } from "../pipeline/signed-request.ts";
import { ACCOUNT, HOME, type Service, startService, testRoot } from "../service.ts";

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
async function eventOfCall(id: string, account = ACCOUNT) {
  const row = (await service.records(id, HOME, account)).find((one) => one.id === id);
  return row && eventOf({ region: HOME, account, id, record: row.record });
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

  test("and whose item is gone since, cannot be told either", async () => {
    const AliasName = "alias/gone-since";
    await call(service, "CreateAlias", { AliasName, TargetKeyId: keyId });
    const { KeyId: TargetKeyId } = JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata;
    database.strike(noRecords);
    const moved = await call(service, "UpdateAlias", { AliasName, TargetKeyId });
    const doomed = await call(service, "ScheduleKeyDeletion", { KeyId: TargetKeyId, PendingWindowInDays: 7 });
    expect([moved.status, doomed.status]).toEqual([200, 200]);
    database.strike();
    await call(service, "DeleteAlias", { AliasName });
    // Nothing ran for so long that the key is deleted before anybody looks.
    ahead += 8 * 86_400_000;
    expect(await runDue(deletion, service.host.timers, HOME)).toMatchObject({ done: 1 });
    await run();
    for (const { requestId } of [moved, doomed])
      expect(await eventOfCall(requestId)).toMatchObject({ additionalEventData: { outcome: "unknown" } });
  });
});

test("a change of another account's key has an event in both accounts, about the key as it is called", async () => {
  const NEIGHBOUR = "444455556666";
  const everything = { Effect: "Allow", Action: "kms:*", Resource: "*" };
  const neighbour = await service.user("neighbour", [{ Version: "2012-10-17", Statement: everything }], NEIGHBOUR);
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: { ...everything, Principal: { AWS: [ACCOUNT, NEIGHBOUR] } } });
  const KeyId = JSON.parse((await call(service, "CreateKey", { Policy })).text).KeyMetadata.Arn;
  database.strike(noRecords);
  const grant = { KeyId, GranteePrincipal: neighbour.arn, Operations: ["Decrypt"] };
  const { status, requestId } = await call(service, "CreateGrant", grant, { credentials: neighbour });
  expect(status).toBe(200);
  database.strike();
  later();
  expect(await run()).toMatchObject({ done: 1, failed: 0 });

  const theirs = await eventOfCall(requestId, NEIGHBOUR);
  const about = {
    eventName: "CreateGrant",
    resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: KeyId }],
    additionalEventData: { outcome: "committed" },
  };
  expect(theirs).toMatchObject({ ...about, userIdentity: { type: "IAMUser", userName: "neighbour" } });
  const ours = await eventOfCall(requestId);
  expect(ours).toMatchObject({
    ...about,
    userIdentity: { type: "AWSAccount", principalId: neighbour.id, accountId: NEIGHBOUR },
    sharedEventID: theirs?.["sharedEventID"],
  });
  expect(JSON.stringify(ours)).not.toContain(neighbour.accessKeyId);
  const rows = (await service.records(requestId)).map(({ record }) => record.w);
  expect(rows, "which items it changed is for its own account").toEqual([undefined]);
});

test("however many changes there were, others are answered meanwhile, and each is looked at by one process once", async () => {
  const root = testRoot();
  const whole = openSqlite({ memory: true });
  let reads = 0;
  const counting: Database = {
    ...whole,
    table(name, region) {
      const table = whole.table(name, region);
      if (name !== "log") return table;
      return {
        ...table,
        get(key) {
          reads += 1;
          return table.get(key);
        },
      };
    },
  };
  const open = () =>
    openHost({
      ...{ database: counting, roots: root, home: HOME, regions: [HOME], quotas: QUOTA_PROFILES.off },
      ...{ sandbox: false, operator: operatorLog("error") },
    });
  const first = await open();
  const { log } = await first.region(HOME);
  const began = new Date(Date.now() - 3600_000);
  const ids = Array.from({ length: 1050 }, () => newRequestId(began));
  const rows = ids.flatMap((id) => [id, `${id}#I`]).map((id) => ({ account: ACCOUNT, id, at: began, body: "{}" }));
  await Promise.all(rows.map((row) => log.append(row)));

  let turns = 0;
  const count = () => {
    turns += 1;
    pending = setImmediate(count);
  };
  let pending = setImmediate(count);
  expect(await runDue(reconciling, first.timers, HOME)).toMatchObject({ done: 0, failed: 0, more: false });
  clearImmediate(pending);
  expect(turns).toBeGreaterThanOrEqual(10);
  expect(reads).toBeGreaterThanOrEqual(ids.length);

  const second = await open();
  reads = 0;
  expect(await runDue(reconciling, second.timers, HOME)).toMatchObject({ done: 0, failed: 0, more: false });
  expect(reads).toBe(0);
  await whole.close();
});

test("a change is not passed over because a clock was ahead before", async () => {
  await describeAs("ahead");
  later();
  await run();
  ahead = 0;
  const began = new Date(Date.now() - 10 * 60_000);
  const id = newRequestId(began);
  const body = JSON.stringify({ i: 1, s: "kms", e: "CreateKey", c: { k: "user", a: "", i: "" } });
  await (await service.host.region(HOME)).log.append({ account: ACCOUNT, id: `${id}#I`, at: began, body });
  expect(await run()).toMatchObject({ done: 1, failed: 0 });
  expect(await eventOfCall(id)).toMatchObject({ additionalEventData: { outcome: "unknown" } });
});

test("changes that were recorded are left alone", async () => {
  const { requestId } = await describeAs("recorded");
  later();
  expect(await run()).toMatchObject({ done: 0 });
  expect((await service.records(requestId)).length).toBe(2);
});
