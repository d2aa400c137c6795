import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { logWriter } from "#store/log";
import { logReader, type Wanted } from "#store/log-reader";
import { requestId } from "#wire/request-id";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 4, 1);
const ACCOUNT = "111122223333";

const database = openSqlite({ memory: true });
afterAll(() => database.close());

let logs = 0;
/** A log of its own, with one record at each of these times, in hours. */
async function logOf(hours: readonly number[], shards: number) {
  const table = database.table("log", `region-${++logs}`);
  const log = logWriter({ table, shards, days: 90, newWriter: () => crypto.randomUUID() });
  const made = hours.map((hour, number) => ({ at: new Date(START + hour * HOUR + number), e: number % 3 === 0 ? "Encrypt" : "Decrypt" }));
  const entry = ({ at, e }: (typeof made)[number], account: string) => {
    const id = requestId(at);
    return log.append({ account, id, at, body: JSON.stringify({ s: "kms", e, t: at.getTime(), ip: "", c: {} }) });
  };
  await Promise.all(made.flatMap((one) => [entry(one, ACCOUNT), entry(one, "444455556666")]));
  return { made, reader: logReader(table, shards, { days: 90 }) };
}

/** Every page, in the order of their being asked for. */
async function all(reader: ReturnType<typeof logReader>, wanted: Omit<Wanted, "before">) {
  const found: number[] = [];
  let before: string | undefined;
  do {
    const page = await reader.newest(ACCOUNT, { ...wanted, before });
    expect(page.records.length).toBeLessThanOrEqual(wanted.limit);
    found.push(...page.records.map(({ record }) => record.t));
    before = page.next;
  } while (before !== undefined);
  return found;
}

describe.each([1, 16])("over %i partitions", (shards) => {
  test("tells every record once, the newest first, whatever the pages, within the times asked for", { timeout: 60_000 }, async () => {
    const hours = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 });
    const within = fc.option(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 40 })), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(hours, fc.integer({ min: 1, max: 20 }), within, async (times, limit, asked) => {
        const { made, reader } = await logOf(times, shards);
        const since = asked && new Date(START + asked[0] * HOUR);
        const until = asked && new Date(START + (asked[0] + asked[1]) * HOUR);
        const found = await all(reader, {
          limit,
          since,
          until,
          mentions: '"e":"Decrypt"',
          isWanted: ({ record }) => record.e === "Decrypt",
        });
        const expected = made
          .filter(({ at, e }) => e === "Decrypt" && (!since || at >= since) && (!until || at <= until))
          .map(({ at }) => at.getTime());
        expect(found).toEqual(expected.sort((a, b) => b - a));
      }),
      { numRuns: 40 },
    );
  });

  test("finds a record by its id", async () => {
    const { reader } = await logOf([1, 30, 99], shards);
    const { records } = await reader.newest(ACCOUNT, { limit: 10, isWanted: () => true });
    expect(records).toHaveLength(3);
    for (const record of records) expect(await reader.get(ACCOUNT, record.id)).toEqual(record);
    expect(await reader.get(ACCOUNT, requestId(new Date(START)))).toBeUndefined();
    expect(await reader.get("999999999999", records[0]?.id ?? "")).toBeUndefined();
  });
});
