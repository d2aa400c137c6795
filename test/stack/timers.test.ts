/** What Trent does by itself. */
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { copyLogs } from "#local/audit-copy";
import { verifyLog } from "#local/audit-verify";
import { openHost } from "#local/host";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import type { Database } from "#store";
import { TIMER_FUNCTIONS } from "#timers";
import { deployed, REGIONS } from "./deployment.ts";
import { openStore, SHARDS } from "./site.ts";
import { invoke } from "./stack.ts";

const DAY = 86_400_000;
const { administrator, endpoint } = deployed();

let store: Database;
let service: Awaited<ReturnType<typeof listen>>;

// A server of ours on the store of what is deployed, which lives eight days ago: what it lets be deleted in seven days is overdue now.
beforeAll(async () => {
  const { database, roots } = await openStore();
  store = database;
  const operator = operatorLog("warn");
  const host = await openHost({
    database,
    roots,
    home: REGIONS[0],
    regions: REGIONS,
    quotas: QUOTA_PROFILES.off,
    sandbox: false,
    operator,
    shards: SHARDS,
    now: () => new Date(Date.now() - 8 * DAY),
  });
  service = await listen({
    host: "127.0.0.1",
    port: 0,
    dispatch: host.dispatch,
    operator,
  });
});

afterAll(async () => {
  await service?.stop();
  await store?.close();
});

/** A key whose waiting period ended yesterday. */
async function overdue(region: string): Promise<{ readonly pk: string; readonly sk: string }> {
  const kms = new KMSClient({ endpoint: service.url, region, credentials: administrator, maxAttempts: 1 });
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key?.KeyId, PendingWindowInDays: 7 }));
  kms.destroy();
  return { pk: `K#${key?.KeyId}`, sk: "KEY" };
}

const exists = async (region: string, key: { readonly pk: string; readonly sk: string }): Promise<boolean> =>
  (await store.table("keys", region).get(key)) !== undefined;

/** Whoever ran a moment ago keeps the lease for most of the time until its rule fires again. */
async function release(region: string, timer: string): Promise<void> {
  const lease = { pk: `TIMER#${timer}`, sk: "LEASE" };
  const held = await store.table("keys", region).get(lease);
  if (held) await store.table("keys", region).delete(lease, held.version);
}

test.each(TIMER_FUNCTIONS.map(({ name }) => name))("the function of the timer %s runs in each Region", async (name) => {
  for (const region of REGIONS)
    expect(await invoke(endpoint, region, `timer-${name}`, {})).toSatisfy((report) => !report || report.failed === 0);
});

test.each(REGIONS)("in %s, the function deletes a key whose waiting period is over", async (region) => {
  const key = await overdue(region);
  expect(await exists(region, key)).toBe(true);
  await release(region, "deletion");
  expect(await invoke(endpoint, region, "timer-deletion", {})).toMatchObject({ timer: "deletion", region, failed: 0 });
  expect(await exists(region, key)).toBe(false);
});

test.each(REGIONS)(
  "in %s, the log is sealed, and verifies with the key that the operator is told",
  { timeout: 300_000 },
  async (region) => {
    await release(region, "sealing");
    for (let report: { more?: boolean } | undefined = { more: true }; report?.more; )
      report = await invoke(endpoint, region, "timer-sealing", {});
    const { publicKey } = await invoke(endpoint, region, "operator", { action: "audit-key" });
    const { log, close } = await copyLogs(new Map([[region, store.table("log", region)]]));
    try {
      const publicKeys = new Map([[region, [String(publicKey)]]]);
      const { findings, seals, records } = await verifyLog({ log, publicKeys, witness: [], now: new Date() });
      expect(findings).toEqual([]);
      expect(seals).toBeGreaterThan(0);
      expect(records).toBeGreaterThan(0);
    } finally {
      close();
    }
  },
);

const MINUTES = 2 * Math.max(...TIMER_FUNCTIONS.map(({ everyMinutes }) => everyMinutes)) + 1;

test.runIf(process.env["SLOW"])(
  "rules fire: in both Regions such a key goes without anybody's doing",
  { timeout: MINUTES * 60_000 },
  async () => {
    const keys = await Promise.all(REGIONS.map(async (region) => [region, await overdue(region)] as const));
    const left = async () => (await Promise.all(keys.map(([region, key]) => exists(region, key)))).filter(Boolean).length;
    await expect.poll(left, { timeout: (MINUTES - 1) * 60_000, interval: 5_000 }).toBe(0);
  },
);
