import { expect, test } from "vitest";
import { GLOBAL } from "#store";
import { openMemory } from "#store/drivers/sqlite";
import { lastUses } from "#store/last-uses";

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000);

test("the last use is the newest of all Regions and services, and at most a quarter of an hour stale", async () => {
  const table = openMemory().table("principals", GLOBAL);
  const uses = lastUses(table);
  expect(await uses.of("AKIA1")).toBeUndefined();
  await uses.saw("AKIA1", "kms", "us-east-1", at(0));
  await uses.saw("AKIA1", "kms", "us-east-1", at(14));
  expect(await uses.of("AKIA1")).toEqual({ service: "kms", region: "us-east-1", at: at(0) });
  await uses.saw("AKIA1", "kms", "us-east-1", at(15));
  await uses.saw("AKIA1", "sts", "eu-west-1", at(10));
  expect(await uses.of("AKIA1")).toEqual({ service: "kms", region: "us-east-1", at: at(15) });
  await uses.saw("AKIA1", "sts", "eu-west-1", at(40));
  expect(await uses.of("AKIA1")).toEqual({ service: "sts", region: "eu-west-1", at: at(40) });
  expect(await uses.of("AKIA2")).toBeUndefined();
});

test("of many processes that tell of it at once, whose clocks differ, the latest counts, and time never runs back", async () => {
  const table = openMemory().table("principals", GLOBAL);
  const minutes = [90, 30, 60, 90, 0, 75];
  await Promise.all(minutes.map((minute) => lastUses(table).saw("AKIA1", "kms", "us-east-1", at(minute))));
  const first = await lastUses(table).of("AKIA1");
  expect(first && first.at <= at(90)).toBe(true);
  await lastUses(table).saw("AKIA1", "kms", "us-east-1", at(91));
  expect((await lastUses(table).of("AKIA1"))?.at).toEqual(at(91));
  await lastUses(table).saw("AKIA1", "kms", "us-east-1", at(20));
  expect((await lastUses(table).of("AKIA1"))?.at).toEqual(at(91));
});

test("stays at most a quarter of an hour stale when one of two processes that told of it is gone", async () => {
  const table = openMemory().table("principals", GLOBAL);
  const [staying, leaving] = [lastUses(table), lastUses(table)];
  const see = (uses: typeof staying, minutes: number) => uses.saw("AKIA1", "kms", "us-east-1", at(minutes));
  for (const [uses, minutes] of [
    [staying, 0],
    [leaving, 1],
    [staying, 15],
    [leaving, 16],
  ] as const)
    await see(uses, minutes);
  for (let minutes = 17; minutes < 120; minutes += 1) {
    await see(staying, minutes);
    const { at: last } = (await staying.of("AKIA1")) ?? { at: at(0) };
    expect(at(minutes).getTime() - last.getTime()).toBeLessThan(15 * 60_000);
  }
});

test("what could not be kept is tried again in a minute, and not by each call until then", async () => {
  const table = openMemory().table("principals", GLOBAL);
  let [tries, isAway] = [0, true];
  const add: typeof table.add = (...args) => {
    tries += 1;
    return isAway ? Promise.reject(new Error("the table is away")) : table.add(...args);
  };
  const uses = lastUses({ ...table, add });
  await expect(uses.saw("AKIA1", "kms", "us-east-1", at(0))).rejects.toThrow("away");
  for (let calls = 0; calls < 5; calls += 1) await uses.saw("AKIA1", "kms", "us-east-1", at(0.9));
  expect(tries).toBe(1);
  isAway = false;
  await uses.saw("AKIA1", "kms", "us-east-1", at(1));
  expect((await uses.of("AKIA1"))?.at).toEqual(at(1));
});
