/** The short form of `npm run faults`. */
import { describe, expect, test } from "vitest";
import { chanceFrom } from "./chance.ts";
import { eio } from "./eio.ts";
import { full } from "./full.ts";
import { keyDeletion } from "./key-deletion.ts";
import { keyImport } from "./key-import.ts";
import { keyReplication } from "./key-replication.ts";
import { keyRotation } from "./key-rotation.ts";
import { kill } from "./kill.ts";
import { pair } from "./pair.ts";
import { power } from "./power.ts";
import { readOnly } from "./read-only.ts";
import { registers } from "./registers.ts";
import { domainRotation, rootRotation } from "./rotations.ts";
import { play, type Scenario } from "./scenario.ts";

// It takes a minute; a machine that is busy may take longer.
const LONGEST_MS = 120_000;

const SHORT: readonly (readonly [what: string, scenario: Scenario, rounds: number])[] = [
  ["a server that is killed at work loses nothing that it acknowledged", kill, 3],
  ["of two servers on one folder one is killed: nothing is lost, and nothing stale is answered", pair, 2],
  [
    "what two servers are told and asked at once, though they are killed, has an order in which each reads what was last written",
    registers,
    2,
  ],
  ["a full disk refuses calls, records what it answers, and goes on when there is space", full, 1],
  ["files that cannot be written refuse calls, and go on when they can", readOnly, 1],
  ["a disk that fails with EIO, and loses what it failed to sync, refuses calls, and goes on when it is well", eio, 2],
  ["what was not synced when the power went was not acknowledged", power, 3],
  ["a rotation of domain keys that is killed beside a server loses nothing, and is ended by the next", domainRotation, 3],
  ["a rotation of the root that is killed beside a server loses nothing, and is ended by the next", rootRotation, 3],
  ["a server that is killed while it rotates keys has rotated them once or not at all", keyRotation, 1],
  ["a server that is killed while it deletes keys leaves them whole, or nothing of them", keyDeletion, 1],
  ["a server that is killed while material is brought, taken away or expires loses none that is there", keyImport, 1],
  ["a server that is killed while keys go to other Regions leaves related keys that agree", keyReplication, 1],
];

describe("what is acknowledged stays", () => {
  for (const [what, scenario, rounds] of SHORT) {
    const { name, lacks } = scenario;
    if (lacks) console.warn(`NOT RUN${lacks.instead === undefined ? "" : " as it should be"}: ${name}: ${lacks.what}`);
    test.skipIf(lacks !== undefined && lacks.instead === undefined)(
      what,
      async () => {
        const seed = Date.now() % 1_000_000;
        const { violations, acknowledged, records } = await play(scenario, { rounds, chance: chanceFrom(seed) });
        expect({ seed, violations }).toEqual({ seed, violations: [] });
        expect(acknowledged).toBeGreaterThan(0);
        expect(records).toBeGreaterThanOrEqual(acknowledged);
      },
      LONGEST_MS,
    );
  }
});
