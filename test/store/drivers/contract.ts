import { afterAll, beforeAll, describe } from "vitest";
import { items } from "./contract-items.ts";
import { scopes } from "./contract-scopes.ts";
import { slices } from "./contract-slices.ts";
import { sums } from "./contract-sums.ts";
import { type Engine, REGIONS, type Subject } from "./subject.ts";

/** Holds a driver to every sentence of `lambdas/store/port.ts`. */
export function contract(name: string, engine: Engine): void {
  describe(`the table port on ${name}`, () => {
    let count = 0;
    const on = { engine, partition: () => `P#${++count}` } as { -readonly [K in keyof Subject]: Subject[K] };

    beforeAll(async () => {
      on.store = await engine.start();
      on.database = on.store.open();
      on.keys = on.database.table("keys", REGIONS[0]);
      on.quotas = on.database.table("quotas", REGIONS[0]);
      on.log = on.database.table("log", REGIONS[0]);
    });

    afterAll(async () => {
      await on.database.close();
      await on.store.stop();
    });

    items(on);
    slices(on);
    sums(on);
    scopes(on);
  });
}
