/** The short form of `npm run faults`. */
import { expect, test } from "vitest";
import { cannotMount } from "../local/small-disk.ts";
import { crash } from "./crash.ts";
import { cannotLimit, fullDisk, noGrowth, shortOfSpace } from "./disk.ts";
import { pair } from "./pair.ts";

if (cannotMount !== undefined) console.warn(`NOT RUN: a full disk, because none can be mounted here: ${cannotMount}`);
if (cannotLimit !== undefined) console.warn(`NOT RUN: files that may not grow, because there is no prlimit here: ${cannotLimit}`);

test("a server that is killed under load loses nothing that it has acknowledged", async () => {
  const { ledger, lost } = await crash(5);
  expect(lost).toEqual([]);
  expect(ledger.failures).toEqual([]);
  expect(ledger.calls.size).toBeGreaterThan(100);
}, 120_000);

test("of two servers on one folder one may be killed: nothing is lost, and what one has acknowledged the other knows at once", async () => {
  const { ledger, lost, looks, stale } = await pair(2);
  expect({ lost, stale, failures: ledger.failures }).toEqual({ lost: [], stale: [], failures: [] });
  expect(looks).toBe(42);
}, 120_000);

test.skipIf(cannotMount !== undefined)(
  "a full disk: calls fail, none is answered without its record, and the server goes on when there is space",
  async () => {
    const { lost, wrong, refused } = await shortOfSpace(fullDisk, 1, 8);
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    expect(refused).toBeGreaterThan(0);
  },
  120_000,
);

test.skipIf(cannotLimit !== undefined)(
  "the same of files that may not grow",
  async () => {
    const { lost, wrong, refused } = await shortOfSpace(noGrowth, 1);
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    expect(refused).toBeGreaterThan(0);
  },
  120_000,
);
