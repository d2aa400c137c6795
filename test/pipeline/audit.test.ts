import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { ACCOUNT, HOME, type Service, startService } from "../service.ts";
import { chainsOf, logRows } from "./chain.ts";
import { faulty, noIntents, noLog, noRecords, nothing } from "./faulty-database.ts";
import { call } from "./signed-request.ts";

const database = faulty(openSqlite({ memory: true }));
let service: Service;
let keyId: string;
beforeAll(async () => {
  service = await startService({ database });
  keyId = JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;
});
afterAll(async () => {
  await service.stop();
  await database.close();
});
beforeEach(() => database.strike());

const failure = { status: 500, text: '{"__type":"KMSInternalException"}' };
const encrypt = () => call(service, "Encrypt", { KeyId: keyId, Plaintext: "YQ==" });
const recordsOf = async (requestId: string) => (await service.records(requestId)).map(({ id }) => id.slice(requestId.length));
const keysMade = async () => (await database.table("keys", HOME).find(1, { pk: `A#${ACCOUNT}`, limit: 1000 })).hints.length;
const errors = () => service.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");

describe("what cannot be recorded is not answered", () => {
  test.each([
    ["a list", () => call(service, "ListKeys", {})],
    ["a ciphertext", encrypt],
    ["random bytes", () => call(service, "GenerateRandom", { NumberOfBytes: 32 })],
    ["a refusal: not found", () => call(service, "DescribeKey", { KeyId: "alias/none" })],
    ["a refusal: invalid", () => call(service, "DescribeKey", {})],
  ])("%s", async (_, attempt) => {
    database.strike(noRecords);
    const answer = await attempt();
    expect(answer).toMatchObject(failure);
    expect(answer.headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(errors().at(-1)).toMatchObject({ event: "call failed", requestId: answer.requestId });
    expect(JSON.stringify(errors().at(-1))).toContain("disk is full");
    database.strike();
    expect(await recordsOf(answer.requestId)).toEqual([]);
  });

  test("and the answer waits for its record", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    database.strike(() => held);
    let answered = false;
    const waiting = encrypt().finally(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(answered).toBe(false);
    release();
    expect(await waiting).toMatchObject({ status: 200 });
  });
});

describe("a change", () => {
  test.each([
    ["its intent", noIntents],
    ["anything in the log", noLog],
    ["anything", nothing],
  ])("that cannot write %s does not happen", async (_, disaster) => {
    const before = await keysMade();
    database.strike(disaster);
    expect(await call(service, "CreateKey", {})).toMatchObject(failure);
    expect(await call(service, "DisableKey", { KeyId: keyId })).toMatchObject(failure);
    database.strike();
    expect(await keysMade()).toBe(before);
    expect((await encrypt()).status).toBe(200);
  });

  test("that was made but whose outcome cannot be recorded is a success, and the operator hears of it", async () => {
    database.strike(noRecords);
    const { status, text, requestId } = await call(service, "CreateKey", {});
    database.strike();
    expect(status).toBe(200);
    expect(errors().at(-1)).toMatchObject({ event: "outcome not recorded", requestId, operation: "CreateKey" });
    expect(await recordsOf(requestId)).toEqual(["#I"]);
    const { KeyId } = JSON.parse(text).KeyMetadata;
    expect((await call(service, "DescribeKey", { KeyId })).status).toBe(200);
    const [intent] = await service.records(requestId);
    expect(intent?.record).toMatchObject({
      i: 1,
      e: "CreateKey",
      c: { a: `arn:aws:iam::${ACCOUNT}:user/administrator` },
      m: { pk: `K#${KeyId}`, version: 1 },
    });
  });

  test("that failed after its intent, and cannot be recorded, is no success", async () => {
    const before = await keysMade();
    database.strike((table, rows) => {
      if (table === "log") return noRecords(table, rows);
      if (table === "keys") throw new Error("database or disk is full");
    });
    expect(await call(service, "CreateKey", {})).toMatchObject(failure);
    database.strike();
    expect(await keysMade()).toBe(before);
  });

  test("leaves its intent, then its record, which name the same new state", async () => {
    const { requestId } = await call(service, "TagResource", { KeyId: keyId, Tags: [{ TagKey: "a", TagValue: "b" }] });
    const [intent, record] = await service.records(requestId);
    expect(await recordsOf(requestId)).toEqual(["#I", ""]);
    expect(record?.record.w).toEqual([intent?.record.m]);
    expect(record?.record.w[0].mac).toMatch(/^[\w-]{43}$/);
  });

  test("in a dry run leaves a record only", async () => {
    const { requestId, error } = await call(service, "Encrypt", { KeyId: keyId, Plaintext: "YQ==", DryRun: true });
    expect(error.name).toBe("DryRunOperationException");
    expect(await recordsOf(requestId)).toEqual([""]);
  });
});

describe("a refusal after authentication leaves one record", () => {
  const recordOf = async ({ requestId }: { readonly requestId: string }) => {
    const rows = await service.records(requestId);
    expect(rows).toHaveLength(1);
    return rows[0]?.record;
  };

  test("of what was wrong with the input", async () => {
    expect((await recordOf(await call(service, "Encrypt", { KeyId: keyId }))).x[0]).toBe("ValidationException");
    expect((await recordOf(await call(service, "Encrypt", { KeyId: 7 }))).x[0]).toBe("SerializationException");
  });

  test("of a key that is not there", async () => {
    const record = await recordOf(await call(service, "DescribeKey", { KeyId: "alias/none" }));
    expect(record).toMatchObject({ e: "DescribeKey", x: ["NotFoundException", expect.any(String)], q: { keyId: "alias/none" } });
  });

  test("of a caller who may not", async () => {
    const nobody = await service.user("nobody");
    const record = await recordOf(await call(service, "Encrypt", { KeyId: keyId, Plaintext: "YQ==" }, { credentials: nobody }));
    expect(record).toMatchObject({
      e: "Encrypt",
      c: { a: nobody.arn, ak: nobody.accessKeyId },
      x: ["AccessDeniedException", expect.any(String)],
    });
  });

  test("of a key in the wrong state", async () => {
    const { KeyId } = JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata;
    await call(service, "DisableKey", { KeyId });
    expect((await recordOf(await call(service, "Encrypt", { KeyId, Plaintext: "YQ==" }))).x[0]).toBe("DisabledException");
  });

  test("and never what was secret in it", async () => {
    const Plaintext = Buffer.from("canary-in-a-refusal").toString("base64");
    await call(service, "Encrypt", { KeyId: "alias/none", Plaintext });
    await call(service, "Encrypt", { KeyId: keyId, Plaintext: Buffer.alloc(4097, "canary-in-a-refusal").toString("base64") });
    await call(service, "Encrypt", { KeyId: keyId, Plaintext: `${Plaintext}!` });
    const rows = JSON.stringify(await logRows(database, HOME, ACCOUNT));
    expect(rows + service.logged.join("")).not.toMatch(/canary-in-a-refusal|Y2FuYXJ5LWlu/);
  });
});

describe("the log is a chain", () => {
  test("every writer's rows are numbered without a gap, each naming the digest of the one before", async () => {
    await Promise.all(Array.from({ length: 40 }, encrypt));
    const chains = chainsOf(await logRows(database, HOME, ACCOUNT));
    expect(chains.reduce((sum, { length }) => sum + length, 0)).toBe((await service.log()).length);
  });

  test("after a write that failed a new writer takes over, and names the last certain row of the old one", async () => {
    const fresh = faulty(openSqlite({ memory: true }));
    const other = await startService({ database: fresh });
    const list = () => call(other, "ListKeys", {});
    for (let made = 0; made < 3; made += 1) await list();
    fresh.strike(noRecords);
    await list();
    fresh.strike(noLog);
    for (let made = 0; made < 3; made += 1) await list();
    fresh.strike();
    for (let made = 0; made < 2; made += 1) await list();
    const chains = chainsOf(await logRows(fresh, HOME, ACCOUNT));
    const [first] = chains.filter(({ follows }) => follows === undefined);
    expect(chains).toHaveLength(2);
    expect(first?.length).toBe(3);
    expect(chains).toContainEqual({ writer: expect.any(String), length: 2, follows: `${first?.writer} 3` });
    await other.stop();
    await fresh.close();
  });

  test("a call that fails with its group is told so, and the others of the next group are not", async () => {
    let groups = 0;
    database.strike((table, rows) => {
      if (table === "log" && rows.some(({ pk }) => /#\d{8}#0$/.test(pk)) && groups++ === 0) throw new Error("database or disk is full");
    });
    const answers = await Promise.all(Array.from({ length: 30 }, encrypt));
    database.strike();
    const answered = answers.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 500).length).toBe(30 - answered.length);
    for (const { requestId, status } of answers) expect(await recordsOf(requestId)).toEqual(status === 200 ? [""] : []);
    chainsOf(await logRows(database, HOME, ACCOUNT));
  });
});

test("a record stays small, however much is sent: what was asked is left out, and that it is", async () => {
  const answer = await call(service, "CreateKey", { Policy: " ".repeat(131_072) });
  const [row] = await service.records(answer.requestId);
  expect(answer.status).toBe(400);
  expect(row?.record.q).toEqual({ omitted: true, originalSize: expect.any(Number), reasonOmitted: "The record is larger than 100 KB" });
  expect(row?.record.x[0]).toBe(answer.error.name);
});
