/** Records that are found by their words, and the same records without. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { openToWrite } from "#store/drivers/sqlite-schema";
import { sweep } from "#store/drivers/sqlite-sweeper";
import { logWriter } from "#store/log";
import { type LogReader, logReader, type Wanted } from "#store/log-reader";
import type { Database, Table } from "#store/port";
import { requestId } from "#wire/request-id";

const START = Date.UTC(2026, 4, 1, 23, 30);
const ACCOUNT = "111122223333";
const REGION = "us-east-1";
const NAMES = ["Encrypt", "Decrypt", "CreateKey", "ListKeys"] as const;

interface Made {
  readonly at: number;
  readonly e: (typeof NAMES)[number];
}

const memory = openSqlite({ memory: true });
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trent-words-"));
});
afterAll(async () => {
  await memory.close();
  rmSync(folder, { recursive: true });
});

const openLog = (table: Table, days = 90) => logWriter({ table, shards: 1, days, newWriter: () => crypto.randomUUID() });

const append = (log: ReturnType<typeof openLog>, { at, e }: Made) => {
  const record = { s: "kms", e, t: at, ip: "", c: { k: "user", a: `arn:aws:iam::${ACCOUNT}:user/alice`, i: "AIDA", ak: "AKIA" } };
  return log.append({ account: ACCOUNT, id: requestId(new Date(at)), at: new Date(at), body: JSON.stringify(record) });
};

const by = (e: string): Pick<Wanted, "mentions" | "word" | "isWanted"> => ({
  mentions: `"e":"${e}"`,
  word: e,
  isWanted: ({ record }) => record.e === e,
});

/** Every page, in the order of their being asked for. */
async function timesOf(reader: LogReader, wanted: Omit<Wanted, "before" | "limit">, limit = 10): Promise<number[]> {
  const found: number[] = [];
  let before: string | undefined;
  do {
    const page = await reader.newest(ACCOUNT, { ...wanted, before, limit });
    found.push(...page.records.map(({ record }) => record.t));
    before = page.next;
  } while (before !== undefined);
  return found;
}

const timesIn = (made: readonly Made[], e: string): number[] => made.filter((one) => one.e === e).map(({ at }) => at);
const sorted = (times: readonly number[]): number[] => times.toSorted((one, other) => other - one);

let tables = 0;
test("finds by a word what is found without, whatever came together and on whichever day", { timeout: 60_000 }, async () => {
  const call = fc.record({
    after: fc.constantFrom(0, 1, 7, 63, 64, 200, 5_000, 3_600_000),
    e: fc.constantFrom(...NAMES),
    waits: fc.boolean(),
  });
  const within = fc.option(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 9 }),
      within,
      async (calls, limit, asked) => {
        const table = memory.table("log", `region-${++tables}`);
        const log = openLog(table);
        const made: Made[] = [];
        let at = START;
        const writing: Promise<unknown>[] = [];
        for (const { after, e, waits } of calls) {
          at += after;
          made.push({ at, e });
          writing.push(append(log, { at, e }));
          if (waits) await Promise.all(writing);
        }
        await Promise.all(writing);
        const since = asked && new Date(START + asked[0] * 3_600_000);
        const until = asked && new Date(START + (asked[0] + asked[1]) * 3_600_000);
        const times = made.filter((one) => (!since || one.at >= +since) && (!until || one.at <= +until));
        for (const e of NAMES)
          expect(await timesOf(logReader(table, 1, { days: 90 }), { ...by(e), since, until }, limit)).toEqual(sorted(timesIn(times, e)));
      },
    ),
    { numRuns: 60 },
  );
});

test("reads no more than what is near the word", async () => {
  const table = memory.table("log", "seldom");
  const log = openLog(table);
  const made = Array.from(
    { length: 20_000 },
    (_, number): Made => ({ at: START + 10 * number, e: number === 77 ? "CreateKey" : "Encrypt" }),
  );
  await Promise.all(made.map((one) => append(log, one)));
  const read: number[] = [];
  const counting: Table = {
    ...table,
    async query(query) {
      const page = await table.query(query);
      if (!query.pk.endsWith("#DAYS")) read.push(page.rows.length);
      return page;
    },
  };
  const page = await logReader(counting, 1, { days: 90 }).newest(ACCOUNT, { ...by("CreateKey"), limit: 50 });
  expect(page.records.map(({ record }) => record.t)).toEqual(timesIn(made, "CreateKey"));
  expect([page.next, read]).toEqual([undefined, []]);
});

test("marks again what a refused append was to mark", async () => {
  const table = memory.table("log", "refused");
  const rows = (count: number) =>
    Array.from({ length: count }, (_, number) => ({
      ...{ pk: `${ACCOUNT}#20260501#0`, sk: `0196900${number}-0000-7000-8000-000000000000`, version: 1, body: "{}", words: ["seldom"] },
    }));
  await table.append(rows(1));
  await expect(table.append(rows(2).toReversed())).rejects.toThrow("condition");
  expect((await table.search?.("seldom", "", { pk: `${ACCOUNT}#20260501#0`, limit: 9 }))?.rows).toHaveLength(1);
  await table.append(rows(2).slice(1));
  expect((await table.search?.("seldom", "", { pk: `${ACCOUNT}#20260501#0`, limit: 9 }))?.rows).toHaveLength(2);
});

test("a folder of a version without words is taken over as it is: what it holds is read through, what comes is marked", async () => {
  const old: Made[] = [0, 1, 2].map((number) => ({ at: START + number, e: NAMES[number] ?? "Encrypt" }));
  const place = join(folder, "old");
  await filled(place, old);
  const sql = new DatabaseSync(join(place, "log.db"));
  sql.exec(`DROP TABLE "log.words"; DROP TABLE "log.marks"; PRAGMA user_version = 2`);
  sql.close();
  const later: Made[] = [3, 86_400_000].map((after) => ({ at: START + after, e: "Encrypt" }));
  const database = await filled(place, later, false);
  const table = database.table("log", REGION);
  const all = [...old, ...later];
  for (const e of NAMES) expect(await timesOf(logReader(table, 1, { days: 90 }), by(e))).toEqual(sorted(timesIn(all, e)));
  const found = async (day: string) => (await table.search?.("Encrypt", "", { pk: `${ACCOUNT}#${day}#0`, limit: 9 }))?.rows.length;
  expect([await found("20260501"), await found("20260502")]).toEqual([undefined, 1]);
  await database.close();
});

test("marks go with the last row of their partition", async () => {
  const place = join(folder, "swept");
  await filled(place, [
    { at: START, e: "Encrypt" },
    { at: START + 86_400_000, e: "Encrypt" },
  ]);
  const sql = openToWrite(place, "log");
  const count = () =>
    sql.prepare(`SELECT (SELECT count(*) FROM "log.words") + (SELECT count(*) FROM "log.marks") AS marks`).get()?.["marks"];
  const before = Number(count());
  for (const _ of sweep(sql, "log", (START + 90 * 86_400_000) / 1000 + 1));
  expect([before > 0, count()]).toEqual([true, before / 2]);
  for (const _ of sweep(sql, "log", (START + 99 * 86_400_000) / 1000));
  expect(count()).toBe(0);
  sql.close();
});

async function filled(place: string, made: readonly Made[], closing = true): Promise<Database> {
  const database = openSqlite({ folder: place });
  const log = openLog(database.table("log", REGION));
  for (const one of made) await append(log, one);
  if (closing) await database.close();
  return database;
}
