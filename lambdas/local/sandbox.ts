import { randomUUID } from "node:crypto";
import { randomBytes } from "@trent/crypto";
import type { OperatorLog } from "#pipeline";
import type { Dispatcher } from "#pipeline/dispatch";
import { ROOT_LENGTH, rootOf } from "#roots/root";
import { openMemory } from "#store/drivers/sqlite";
import { type Beside, pageAt } from "./beside.ts";
import { advance, movableClock } from "./clock.ts";
import { healthOf } from "./health.ts";
import { openHost } from "./host.ts";
import { HOME } from "./open.ts";
import type { Options } from "./options.ts";
import { sandboxPages } from "./sandbox-pages.ts";
import { startTimers, timersOf } from "./scheduler.ts";
import { readSeed } from "./seed.ts";
import { plant } from "./seed-plant.ts";
import type { Watching } from "./telemetry.ts";
import { turnstile } from "./turnstile.ts";

export interface Sandbox {
  readonly home: string;
  readonly account: string;
  readonly fingerprint: string;
  readonly dispatch: Dispatcher;
  readonly beside: readonly Beside[];
  close(): Promise<void>;
}

/** What was in a sandbox, and when. */
interface Snapshot {
  readonly image: Uint8Array;
  readonly now: Date;
}

const SNAPSHOTS_KEPT = 50;

/**
 * A store in memory under a root that nobody has, gone with the process; its time can be moved, and all that is in it put back.
 *
 * Whatever is put back, nothing of before is left in any cache: a new host takes the old one's place, between two calls.
 */
export async function openSandbox(options: Options, operator: OperatorLog, watching: Watching): Promise<Sandbox> {
  const { region: home = HOME, account = "000000000000", regions, quotas, fips } = options;
  const root = rootOf(randomBytes(ROOT_LENGTH), randomBytes(ROOT_LENGTH));
  const seed = options.seed === undefined ? [] : await readSeed(options.seed, { account, region: home, regions });
  const snapshots = new Map<string, Snapshot>();
  const { pass, alone } = turnstile();

  async function begin(from?: Snapshot) {
    const clock = movableClock(from?.now);
    const database = openMemory(from?.image);
    const host = await openHost({
      database,
      roots: root,
      home,
      regions,
      quotas,
      sandbox: true,
      fips,
      operator,
      ...watching,
      now: clock.now,
    });
    if (!from) await plant(seed, host, clock.now());
    const timers = startTimers(host);
    return {
      host,
      clock,
      timed: { ...timersOf(host).keys, clock },
      health: healthOf(database, home, root.fingerprint, operator),
      image: database.image,
      async stop() {
        await timers.stop();
        await database.close();
      },
    };
  }

  let world = await begin();
  async function replace(from?: Snapshot): Promise<Date> {
    const old = world;
    world = await begin(from);
    await old.stop();
    return world.clock.now();
  }

  const pages = sandboxPages({
    now: () => world.clock.now(),
    advance: (seconds) => alone(() => advance(world.timed, seconds)),
    reset: () =>
      alone(() => {
        snapshots.clear();
        return replace();
      }),
    snapshot: () =>
      alone(async () => {
        if (snapshots.size >= SNAPSHOTS_KEPT) return undefined;
        const id = randomUUID();
        snapshots.set(id, { image: world.image(), now: world.clock.now() });
        return id;
      }),
    restore: (id) =>
      alone(async () => {
        const snapshot = snapshots.get(id);
        return snapshot && replace(snapshot);
      }),
  });
  return {
    home,
    account,
    fingerprint: root.fingerprint,
    dispatch: (request) => pass(() => world.host.dispatch(request)),
    beside: [pageAt("/healthz", () => pass(() => world.health())), pages],
    close: () => alone(() => world.stop()),
  };
}
