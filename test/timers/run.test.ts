/** The frame: leases, bounds, the scheduler of the local host. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openHost } from "#local/host";
import { startScheduler } from "#local/scheduler";
import { operatorLog } from "#pipeline/operator-log";
import { openSqlite } from "#store/drivers/sqlite";
import { type AnyTimer, runTimer, TIMER_FUNCTIONS, type TimerDeps, timerHandlerOf } from "#timers";
import { HOME, testRoot } from "../service.ts";

const PATIENCE = { timeout: 15_000 };
const REGIONS = [HOME, "eu-west-1", "ap-south-1"];

/** A host without a socket; hosts on one folder share a store. */
async function hostOn(database = openSqlite({ memory: true }), roots = testRoot()) {
  const logged: string[] = [];
  const operator = operatorLog("debug", (line) => logged.push(line));
  const host = await openHost({ database, roots, home: HOME, regions: REGIONS, quotas: QUOTA_PROFILES.off, sandbox: false, operator });
  return { host, database, logged };
}

/** A timer of which so much is due, for ever; what it does is written down. */
function endless(ids: readonly string[], everyMinutes = 5) {
  const runs: { readonly id: string; readonly region: string }[] = [];
  const timer: AnyTimer = {
    name: "endless",
    everyMinutes,
    uses: {},
    find: async (_stores, _now, { after }) => ({ ids: after === undefined ? ids : [] }),
    read: async (_stores, id) => id,
    due: (id: string) => id,
    async run(id: string, { region }) {
      if (id === "bad") throw new Error("It does not work.");
      runs.push({ id, region });
    },
  };
  return { timer, runs };
}

/** The deps of a host as another process of the same store would have them, at a time of its own. */
const at = (deps: TimerDeps, minutes: number, holder = randomUUID()): TimerDeps => {
  const time = Date.UTC(2026, 5, 1) + minutes * 60_000;
  return { ...deps, holder, wallClock: () => new Date(time) };
};

describe("a timer", () => {
  it("runs in one process at a time, and not again before its time has come", async () => {
    const { host, database } = await hostOn();
    const { timer, runs } = endless(["a"]);
    const all = await Promise.all(Array.from({ length: 10 }, () => runTimer(timer, at(host.timers, 0), HOME)));
    expect(all.filter(Boolean)).toEqual([{ timer: "endless", region: HOME, done: 1, failed: 0, more: false }]);
    expect(await runTimer(timer, at(host.timers, 4), HOME)).toBeUndefined();
    expect(await runTimer(timer, at(host.timers, 5), HOME)).toMatchObject({ done: 1 });
    expect(runs).toHaveLength(2);
    await database.close();
  });

  it("has a lease in each Region, and writes none where nothing is due", async () => {
    const { host, database } = await hostOn();
    const { timer, runs } = endless(["a"]);
    await runTimer(timer, at(host.timers, 0), HOME);
    await runTimer(timer, at(host.timers, 0), "eu-west-1");
    await runTimer(endless([]).timer, at(host.timers, 0), "ap-south-1");
    expect(runs.map(({ region }) => region)).toEqual([HOME, "eu-west-1"]);
    const lease = (region: string) => database.table("keys", region).get({ pk: "TIMER#endless", sk: "LEASE" });
    expect(await lease("eu-west-1")).toBeDefined();
    expect(await lease("ap-south-1")).toBeUndefined();
    await database.close();
  });

  it("is taken over when whoever ran it does not come back", async () => {
    const { host, database } = await hostOn();
    const { timer, runs } = endless(["a"]);
    const hung = { ...timer, read: () => new Promise(() => undefined) };
    void runTimer(hung, at(host.timers, 0), HOME);
    await vi.waitFor(async () => expect(await database.table("keys", HOME).get({ pk: "TIMER#endless", sk: "LEASE" })).toBeDefined());
    expect(await runTimer(timer, at(host.timers, 0.9), HOME)).toBeUndefined();
    expect(await runTimer(timer, at(host.timers, 1), HOME)).toMatchObject({ done: 1 });
    expect(runs).toHaveLength(1);
    await database.close();
  });

  it("does the rest when one fails, tells the operator, and its function counts as failed", async () => {
    const { host, database, logged } = await hostOn();
    const { timer, runs } = endless(["a", "bad", "c"]);
    await expect(timerHandlerOf(timer, at(host.timers, 0), HOME)({})).rejects.toThrow("1 of what was due could not be done");
    expect(runs.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(logged.filter((line) => line.includes("It does not work."))).toHaveLength(1);
    await database.close();
  });

  it("stops when its time is up, and the next run does not wait", async () => {
    const { host, database } = await hostOn();
    const { timer, runs } = endless(Array.from({ length: 50 }, (_, n) => `${n}`));
    let time = Date.UTC(2026, 5, 1);
    const slow: TimerDeps = {
      ...host.timers,
      wallClock: () => {
        time += 1000;
        return new Date(time);
      },
    };
    expect(await runTimer(timer, slow, HOME)).toMatchObject({ more: true, failed: 0 });
    const first = runs.length;
    expect(first).toBeLessThan(25);
    expect(await runTimer(timer, slow, HOME)).toMatchObject({ more: true });
    expect(runs.length).toBeGreaterThan(first);
    await database.close();
  });
});

describe("a list of what is due", () => {
  it("may begin with pages on which nothing is; it is looked through until the time is up", async () => {
    const { host, database } = await hostOn();
    const { timer, runs } = endless(["a"]);
    const pages = (count: number): AnyTimer => ({
      ...timer,
      find: async (_stores, _now, { after = "0" }) =>
        Number(after) < count ? { ids: [], next: `${Number(after) + 1}` } : { ids: ["a"], next: undefined },
    });
    expect(await runTimer(pages(3), at(host.timers, 0), HOME)).toMatchObject({ done: 1, more: false });
    let asked = 0;
    const wallClock = () => {
      asked += 1;
      return new Date(Date.UTC(2026, 5, 2) + asked * 1000);
    };
    expect(await runTimer(pages(Number.POSITIVE_INFINITY), { ...host.timers, wallClock }, HOME)).toMatchObject({ done: 0, more: true });
    expect(runs).toHaveLength(1);
    await database.close();
  });
});

describe("the scheduler of the local host", () => {
  it("runs in Regions that are in use, whoever opened them, and opens no other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trent-timers-"));
    const roots = testRoot();
    const first = await hostOn(openSqlite({ folder }), roots);
    await first.host.region("eu-west-1");
    const second = await hostOn(openSqlite({ folder }), roots);
    expect(await second.host.regionsInUse()).toEqual([HOME, "eu-west-1"]);
    const { timer, runs } = endless(["a"], 0.001);
    const scheduler = startScheduler({ timers: [timer], deps: second.host.timers, regions: second.host.regionsInUse });
    await vi.waitFor(() => expect(new Set(runs.map(({ region }) => region)).size).toBe(2), PATIENCE);
    await scheduler.stop();
    expect(new Set(runs.map(({ region }) => region))).toEqual(new Set([HOME, "eu-west-1"]));
    expect(await second.host.regionsInUse()).toEqual([HOME, "eu-west-1"]);
    const stopped = runs.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs).toHaveLength(stopped);
    for (const { database } of [first, second]) await database.close();
    rmSync(folder, { recursive: true });
  });

  it("leaves the work to one of the processes on a data folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trent-timers-"));
    const roots = testRoot();
    const hosts = [];
    for (let n = 0; n < 3; n += 1) hosts.push(await hostOn(openSqlite({ folder }), roots));
    // A minute, so that each has one go.
    const timers = hosts.map(() => endless(["a"], 1));
    const schedulers = hosts.map(({ host }, n) =>
      startScheduler({ timers: [timers[n]?.timer as AnyTimer], deps: host.timers, regions: host.regionsInUse }),
    );
    await vi.waitFor(() => expect(timers.flatMap(({ runs }) => runs).length).toBeGreaterThan(0), PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    expect(timers.flatMap(({ runs }) => runs)).toHaveLength(1);
    for (const { database } of hosts) await database.close();
    rmSync(folder, { recursive: true });
  });

  it("goes on after a failure", async () => {
    const { host, database, logged } = await hostOn();
    const { timer, runs } = endless(["a"], 0.001);
    let times = 0;
    const failing: AnyTimer = {
      ...timer,
      async find(...asked) {
        times += 1;
        if (times < 3) throw new Error("The store is away.");
        return timer.find(...asked);
      },
    };
    const scheduler = startScheduler({ timers: [failing], deps: host.timers, regions: host.regionsInUse });
    await vi.waitFor(() => expect(runs.length).toBeGreaterThan(0), PATIENCE);
    await scheduler.stop();
    expect(logged.filter((line) => line.includes("The store is away."))).toHaveLength(2);
    await database.close();
  });
});

it("each timer has a rule and the least a function needs", () => {
  expect(TIMER_FUNCTIONS).toEqual([
    {
      name: "deletion",
      everyMinutes: 5,
      schedule: "rate(5 minutes)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", "shared-keys": "write", log: "append" },
        indexes: { keys: [1, 2] },
        roots: ["control"],
      },
    },
    {
      name: "expiry",
      everyMinutes: 5,
      schedule: "rate(5 minutes)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", log: "append" },
        indexes: { keys: [1, 2] },
        roots: ["control"],
      },
    },
    {
      name: "rotation",
      everyMinutes: 5,
      schedule: "rate(5 minutes)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", log: "append" },
        indexes: { keys: [1, 2] },
        roots: ["control", "material"],
      },
    },
    {
      name: "replication",
      everyMinutes: 1,
      schedule: "rate(1 minute)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", "shared-keys": "write", log: "append" },
        indexes: { keys: [1, 2] },
        roots: ["control"],
      },
    },
    {
      name: "closing",
      everyMinutes: 5,
      schedule: "rate(5 minutes)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", principals: "read", log: "append" },
        indexes: { keys: [1, 2] },
        roots: ["control"],
      },
    },
    {
      name: "reconciling",
      everyMinutes: 5,
      schedule: "rate(5 minutes)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", principals: "read", log: "read-append" },
        indexes: { keys: [1, 2], log: [1] },
        roots: ["control"],
      },
    },
    {
      name: "sealing",
      everyMinutes: 1,
      schedule: "rate(1 minute)",
      access: {
        tables: { keys: "write", domains: "read", "shared-domains": "read", principals: "read", log: "read-append" },
        indexes: {},
        roots: ["control"],
        rows: { keys: ["TIMER#sealing"] },
      },
    },
  ]);
});
