import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openSqlite } from "#store/drivers/sqlite";
import { HOME, type Service, startService } from "../service.ts";
import { faulty, noLog } from "./faulty-database.ts";
import { call, type Signing } from "./signed-request.ts";

/** AWS's quota of CreateKey: five a second. */
const QUOTA = 5;
const TEXT = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

let now = Date.now();
let service: Service;
beforeAll(async () => {
  service = await startService({ quotas: QUOTA_PROFILES.current, wallClock: () => new Date(now) });
});
beforeEach(() => {
  now += 1000;
});
afterAll(() => service.stop());

const createKey = (signing: Signing = {}) => call(service, "CreateKey", {}, { date: new Date(now), ...signing });

test("a call over its quota is answered ThrottlingException, with AWS's text", async () => {
  const answers = await Promise.all(Array.from({ length: QUOTA + 3 }, () => createKey()));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused).toHaveLength(3);
  for (const answer of refused) expect(answer).toMatchObject({ status: 400, error: { name: "ThrottlingException", text: TEXT } });
});

describe("throttled calls of an operation", () => {
  /** In the order in which they were written: ids of one millisecond are in none. */
  const throttledRecords = async (of: Service = service) =>
    (await of.log())
      .toSorted((one, other) => one.number - other.number)
      .flatMap(({ record }) => (record.x?.[0] === "ThrottlingException" ? [record as { n: number; e: string }] : []));
  const over = async (calls: number) => {
    const answers: (string | undefined)[] = [];
    for (let sent = 0; sent < QUOTA + calls; sent += 1) answers.push((await createKey()).error.name);
    expect(answers.filter((name) => name === "ThrottlingException")).toHaveLength(calls);
  };

  test("have one record a second, which stands for the others too", async () => {
    now += 5000;
    const before = (await throttledRecords()).length;
    await over(4);
    expect((await throttledRecords()).slice(before)).toHaveLength(1);
    now += 1000;
    await over(2);
    // The three of the second before, and the first of this one.
    expect((await throttledRecords()).slice(before).map(({ n, e }) => [n, e])).toEqual([
      [expect.any(Number), "CreateKey"],
      [4, "CreateKey"],
    ]);
  });

  test("are recorded though nobody calls again", async () => {
    now += 5000;
    await over(5);
    const before = (await throttledRecords()).length;
    now += 1000;
    await expect.poll(async () => (await throttledRecords()).slice(before).map(({ n }) => n), { timeout: 5000 }).toEqual([4]);
  });

  test("are recorded when the server stops, those too that could not be recorded before", async () => {
    const database = faulty(openSqlite({ memory: true }));
    const stopping = await startService({ quotas: QUOTA_PROFILES.current, wallClock: () => new Date(now), database });
    const create = async () => (await call(stopping, "CreateKey", {}, { date: new Date(now) })).error.name;
    const records = async () => (await stopping.log()).flatMap(({ record }) => (record.x?.[0] === "ThrottlingException" ? [record.n] : []));
    for (let sent = 0; sent < QUOTA + 4; sent += 1) await create();
    expect(await records()).toEqual([1]);
    database.strike(noLog);
    now += 1000;
    for (let sent = 0; sent < QUOTA; sent += 1) await create();
    expect(await create(), "it is over the quota, and cannot be recorded").toBe("KMSInternalException");
    database.strike();
    await stopping.host.settle();
    expect(await records()).toEqual([1, 3]);
    await stopping.host.settle();
    expect(await records(), "nothing is left").toEqual([1, 3]);
    await stopping.stop();
    await database.close();
  });

  test("are not answered when the first of them cannot be recorded", async () => {
    const database = faulty(openSqlite({ memory: true }));
    const broken = await startService({ quotas: QUOTA_PROFILES.current, wallClock: () => new Date(now), database });
    const create = () => call(broken, "CreateKey", {}, { date: new Date(now) });
    for (let sent = 0; sent < QUOTA; sent += 1) await create();
    database.strike(noLog);
    expect(await create()).toMatchObject({ status: 500 });
    await broken.stop();
    await database.close();
  });
});

test("other operations, and other accounts, have quotas of their own", async () => {
  const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const neighbour = await service.user("neighbour", [everything], "444455556666");
  for (let made = 0; made < QUOTA; made += 1) await createKey();
  expect((await createKey()).error.name).toBe("ThrottlingException");
  expect((await call(service, "ListKeys", {}, { date: new Date(now) })).status).toBe(200);
  expect((await createKey({ credentials: neighbour })).status).toBe(200);
});

test("another Region has a quota of its own", async () => {
  for (let made = 0; made < QUOTA; made += 1) await createKey();
  expect((await createKey()).error.name).toBe("ThrottlingException");
  expect((await createKey({ region: "eu-west-1" })).status).toBe(200);
});

test("a call that is refused for its input is not charged", async () => {
  for (let sent = 0; sent < 2 * QUOTA; sent += 1) await call(service, "CreateKey", { KeySpec: "none" }, { date: new Date(now) });
  expect((await createKey()).status).toBe(200);
});

test("the SDK's own retries succeed", async () => {
  const real = await startService({ quotas: QUOTA_PROFILES.current });
  const patient = new KMSClient({ endpoint: real.url, region: HOME, credentials: real.administrator, maxAttempts: 8 });
  const made = await Promise.all(Array.from({ length: 2 * QUOTA }, () => patient.send(new CreateKeyCommand({}))));
  expect(new Set(made.map(({ KeyMetadata }) => KeyMetadata?.KeyId)).size).toBe(2 * QUOTA);
  expect(made.some(({ $metadata }) => ($metadata.attempts ?? 0) > 1)).toBe(true);
  patient.destroy();
  await real.stop();
});
