import { describe, expect, test } from "vitest";
import type { QuotaPort } from "#domain/quota";
import { type QuotaPool, quotasOf } from "#domain/quota-sharing";

const [HERE, THERE, MINE, YOURS] = ["eu-west-1", "us-east-1", "111122223333", "444455556666"];
const START = Date.UTC(2026, 0, 1);

/** A pool kept here: by bucket and window, what is leased; and how often it was asked. */
function poolOfOne() {
  const leased = new Map<string, number>();
  const asked = { times: 0 };
  const pool: QuotaPool = async ({ account, bucket, window, n, pool: all }) => {
    asked.times += 1;
    const id = `${account} ${bucket} ${window}`;
    const sum = (leased.get(id) ?? 0) + n;
    if (sum > all) return false;
    leased.set(id, sum);
    return true;
  };
  return { pool, asked };
}

const sharing = (pool: QuotaPool | undefined, sharers: number) => ({
  poolOf: (region: string) => (region === HERE ? pool : undefined),
  sharers: () => sharers,
});

const crowdOf = (pool: QuotaPool, profile: Readonly<Record<string, number>>, size: number, sharers = size): QuotaPort[] =>
  Array.from({ length: size }, () => quotasOf(profile, sharing(pool, sharers)));

/** How many calls are admitted when each of the crowd gets `each` calls a second, evenly, for these seconds. */
async function admitted(crowd: readonly QuotaPort[], bucket: string, each: number, seconds: number, from = START) {
  const bySecond: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    let count = 0;
    for (let call = 0; call < each; call += 1) {
      const now = from + second * 1000 + Math.floor((call * 1000) / each);
      for (const one of crowd) if (await one.take(MINE, HERE, [bucket], now)) count += 1;
    }
    bySecond.push(count);
  }
  return bySecond;
}

describe("a bucket that fifty share", () => {
  test.each([
    ["of 20,000 a second", 20_000],
    ["of 1,000", 1000],
    ["of 100", 100],
    ["of 5", 5],
    ["of 1", 1],
  ])("%s admits that, and not more, under four times as many calls", async (_, rate) => {
    const { pool } = poolOfOne();
    const each = Math.max(1, Math.min(Math.ceil((4 * rate) / 50), 400));
    const crowd = crowdOf(pool, { bucket: rate }, 50);
    const bySecond = await admitted(crowd, "bucket", each, 6);
    const total = bySecond.reduce((sum, one) => sum + one, 0);
    expect(total).toBeLessThanOrEqual(1.05 * 6 * rate);
    expect(total).toBeGreaterThanOrEqual(0.9 * Math.min(6 * rate, 6 * each * 50));
  });

  test("and that has one request in ten seconds admits one", async () => {
    const { pool } = poolOfOne();
    const crowd = crowdOf(pool, { bucket: 0.1 }, 50);
    expect((await admitted(crowd, "bucket", 1, 30)).reduce((sum, one) => sum + one, 0)).toBe(3);
  });
});

test("who stays within its share costs no lease", async () => {
  const { pool, asked } = poolOfOne();
  const crowd = crowdOf(pool, { bucket: 10_000 }, 50);
  expect(await admitted(crowd, "bucket", 10, 3)).toEqual([500, 500, 500]);
  expect(asked.times).toBe(0);
});

test("one of many may have nearly all, for a few leases", async () => {
  const { pool, asked } = poolOfOne();
  const [one] = crowdOf(pool, { bucket: 10_000 }, 1, 50);
  const bySecond = await admitted([one as QuotaPort], "bucket", 9000, 10);
  expect(bySecond).toEqual(Array.from({ length: 10 }, () => 9000));
  expect(asked.times).toBeLessThan(30);
});

test("no second sees more than the quota, wherever it begins", async () => {
  const { pool } = poolOfOne();
  const crowd = crowdOf(pool, { bucket: 200 }, 10);
  const times: number[] = [];
  for (let ms = 0; ms < 4000; ms += 5) for (const one of crowd) if (await one.take(MINE, HERE, ["bucket"], START + ms)) times.push(ms);
  const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
  expect(busiest).toBeLessThanOrEqual(200);
});

test("calls that come together lease together", async () => {
  const { pool, asked } = poolOfOne();
  const [one] = crowdOf(pool, { bucket: 500 }, 1, 50);
  const outcomes = await Promise.all(Array.from({ length: 400 }, () => (one as QuotaPort).take(MINE, HERE, ["bucket"], START)));
  expect(outcomes.filter(Boolean)).toHaveLength(400);
  expect(asked.times).toBeLessThanOrEqual(3);
});

test("an empty pool is asked a few times in a window, however many calls come", async () => {
  const { asked } = poolOfOne();
  const nothing: QuotaPool = async () => {
    asked.times += 1;
    return false;
  };
  const [one] = crowdOf(nothing, { bucket: 100 }, 1, 50);
  expect(await admitted([one as QuotaPort], "bucket", 500, 2)).toEqual([0, 0]);
  expect(asked.times).toBeLessThan(20);
});

test("a call that draws on two buckets takes from both or from none", async () => {
  const { pool } = poolOfOne();
  const [one] = crowdOf(pool, { one: 1, three: 3 }, 1, 50);
  const take = (...buckets: string[]) => (one as QuotaPort).take(MINE, HERE, buckets, START);
  expect([await take("three", "one"), await take("three", "one"), await take("three"), await take("three"), await take("three")]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});

test("accounts do not share, a Region without a pool is not charged, and what was set counts", async () => {
  const { pool } = poolOfOne();
  const [one] = crowdOf(pool, { bucket: 1 }, 1, 50);
  const take = (account: string, region: string, settings = {}) =>
    (one as QuotaPort).take(account, region, ["bucket"], START, settings) as Promise<boolean>;
  expect([await take(MINE, HERE), await take(MINE, HERE), await take(YOURS, HERE)]).toEqual([true, false, true]);
  expect(await Promise.all([1, 2, 3].map(() => take(MINE, THERE)))).toEqual([true, true, true]);
  expect(await Promise.all([1, 2].map(() => take("777788889999", HERE, { bucket: 2 })))).toEqual([true, true]);
});

test("a pool that cannot be asked fails the call, and is asked again by the next", async () => {
  let broken = true;
  const { pool } = poolOfOne();
  const [one] = crowdOf((lease) => (broken ? Promise.reject(new Error("down")) : pool(lease)), { bucket: 5 }, 1, 50);
  await expect((one as QuotaPort).take(MINE, HERE, ["bucket"], START)).rejects.toThrow("down");
  broken = false;
  expect(await (one as QuotaPort).take(MINE, HERE, ["bucket"], START)).toBe(true);
});

test("a clock that goes back far begins anew", async () => {
  const { pool } = poolOfOne();
  const [one] = crowdOf(pool, { bucket: 1 }, 1, 50);
  expect(await (one as QuotaPort).take(MINE, HERE, ["bucket"], START)).toBe(true);
  expect(await (one as QuotaPort).take(MINE, HERE, ["bucket"], START - 3_600_000)).toBe(true);
});

test("who is alone shares nothing and leases nothing", async () => {
  const { pool, asked } = poolOfOne();
  let sharers = 1;
  const one = quotasOf({ bucket: 5 }, { poolOf: () => pool, sharers: () => sharers });
  expect(Array.from({ length: 6 }, () => one.take(MINE, HERE, ["bucket"], START))).toEqual([true, true, true, true, true, false]);
  expect(asked.times).toBe(0);
  sharers = 2;
  expect(await one.take(MINE, HERE, ["bucket"], START + 1000)).toBe(true);
  expect(asked.times).toBe(1);
});
