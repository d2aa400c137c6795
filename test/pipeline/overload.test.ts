import { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Credentials, type Service, startService } from "../service.ts";
import { kmsRequest, send } from "./signed-request.ts";

const [HOME, ABROAD] = ["us-east-1", "eu-west-1"];
const RATES = { ListAliases: 50, ListKeys: 100, GenerateRandom: 1000 } as const;
const SYMMETRIC = "Cryptographic operations (symmetric)";
const INPUTS = { ListAliases: {}, ListKeys: {}, GenerateRandom: { NumberOfBytes: 1 } } as const;
const EVERYTHING = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };

let now = Date.now();
let service: Service;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const accounts: Credentials[] = [];
let neighbour: Credentials;
beforeAll(async () => {
  const { ListAliases, ListKeys, GenerateRandom } = RATES;
  service = await startService({ quotas: { ListAliases, ListKeys, [SYMMETRIC]: GenerateRandom }, wallClock: () => new Date(now) });
  for (const id of ["222233334444", "333344445555", "444455556666"]) accounts.push(await service.user(`user-${id}`, [EVERYTHING], id));
  neighbour = await service.user("neighbour", [EVERYTHING], "555566667777");
});
afterAll(async () => {
  agent.destroy();
  await service.stop();
});

type Operation = keyof typeof RATES;

interface Load {
  readonly operation: Operation;
  readonly credentials: Credentials;
  readonly region: string;
  /** Calls a second, as a multiple of the quota. */
  readonly times: number;
}

const TICKS = 5;

/** Calls evenly over so many seconds of the clock that quotas run by; answers how many of each load were admitted. */
async function admitted(loads: readonly Load[], seconds: number): Promise<number[]> {
  const counts = loads.map(() => 0);
  for (let tick = 0; tick < seconds * TICKS; tick += 1) {
    now += 1000 / TICKS;
    const date = new Date(now);
    await Promise.all(
      loads.flatMap(({ operation, credentials, region, times }, load) =>
        Array.from({ length: (RATES[operation] * times) / TICKS }, async () => {
          const signed = kmsRequest(service, operation, INPUTS[operation], { date, credentials, region });
          const { status } = await send(service.url, signed, agent);
          if (status === 200) counts[load] = (counts[load] ?? 0) + 1;
        }),
      ),
    );
  }
  return counts;
}

describe("four times the quota", () => {
  test.each<[Operation, number]>([
    ["ListAliases", 2],
    ["ListKeys", 1],
  ])("of %s, by three accounts in two Regions at once, gets the quota in each, and slows nobody else", async (operation, seconds) => {
    now += 2000;
    const flood = accounts.flatMap((credentials) => [HOME, ABROAD].map((region) => ({ operation, credentials, region, times: 4 })));
    const counts = await admitted([...flood, { operation, credentials: neighbour, region: HOME, times: 1 }], seconds);
    const quota = RATES[operation] * seconds;
    expect(counts.at(-1)).toBe(quota);
    for (const count of counts.slice(0, -1)) expect(Math.abs(count - quota)).toBeLessThanOrEqual(Math.max(1, 0.02 * quota));
  });

  test("of a thousand a second gets a thousand", async () => {
    now += 2000;
    const [credentials] = accounts as [Credentials];
    const counts = await admitted([{ operation: "GenerateRandom", credentials, region: HOME, times: 4 }], 1);
    expect(Math.abs((counts[0] ?? 0) - RATES.GenerateRandom)).toBeLessThanOrEqual(0.02 * RATES.GenerateRandom);
  });
});
