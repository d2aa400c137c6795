/** The short form of `npm run load`: what holds however fast the machine is. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { serve, stop } from "../local/command.ts";
import { closed, open } from "./drive.ts";
import { latencies } from "./latencies.ts";
import { keysAt, seedKeys, seedPrincipals } from "./seeded.ts";

const folder = mkdtempSync(join(tmpdir(), "trent-load-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(process.platform === "linux")("a server under load", { timeout: 120_000 }, () => {
  test("answers whatever comes in the end, records what it answers, and is as before", async () => {
    const data = join(folder, "data");
    const first = serve(data);
    await first.ready;
    await stop(first);
    const principals = await seedPrincipals(data, 20);
    await seedKeys(data, 50);
    const running = serve(data, ["--quotas", "off"]);
    const url = await running.ready;
    const target = { url, principals, keys: await keysAt(url, data, 50) };
    const handles = () => readdirSync(`/proc/${running.child.pid}/fd`).length;

    const few = await closed(target, { callers: 8, ms: 2_000 });
    expect([...few.answers.keys()]).toEqual(["200"]);
    await pause(500);
    const idle = handles();
    // More than most machines serve; no call is left without an answer. By so few connections none waits for as long as a server waits for one.
    const many = await open(target, { rate: 2_000, ms: 3_000, connections: 400 });
    expect([...many.answers.keys()]).toEqual(["200"]);
    expect([...many.answers.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(4_000);
    const after = await closed(target, { callers: 8, ms: 1_000 });
    expect([...after.answers.keys()]).toEqual(["200"]);
    await pause(500);
    expect(handles()).toBeLessThanOrEqual(idle + 4);

    expect(await stop(running)).toMatchObject({ code: 0 });
    const database = openSqlite({ folder: data });
    const log = database.table("log", "us-east-1");
    let recorded = 0;
    for (let next: { pk: string; sk: string } | undefined, more = true; more; ) {
      const page = await log.scan({ limit: 5_000, ...(next && { after: next }) });
      recorded += page.rows.filter(({ sk, body }) => !sk.includes("#I") && body.includes('"s":"kms"')).length;
      next = page.next;
      more = next !== undefined;
    }
    await database.close();
    const served = [few, many, after].reduce((sum, { answers }) => sum + (answers.get("200") ?? 0), 0);
    expect(recorded).toBeGreaterThanOrEqual(served);
  });
});

test("latencies are told to within a sixteenth", () => {
  const found = latencies();
  for (let i = 1; i <= 1000; i += 1) found.add(i);
  for (const part of [0.5, 0.9, 0.99]) {
    expect(found.at(part)).toBeGreaterThanOrEqual(1000 * part);
    expect(found.at(part)).toBeLessThanOrEqual(1000 * part * 1.09);
  }
  expect(found.count()).toBe(1000);
});
