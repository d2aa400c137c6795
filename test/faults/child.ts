/**
 * The real server on a data folder, with SQLite and a clock of the test's own, to be killed: `child.ts <folder> <ahead> [told]`.
 *
 * It is made of the parts that `trent serve` is made of; only the clock, `ahead` milliseconds from the machine's, is passed in, for which the
 * shipped command has no switch. One that is `told` runs its timers when it is told to, and not otherwise.
 */

import { flushCompileCache } from "node:module";
import { pageAt } from "#local/beside";
import { ensureAdministrator } from "#local/first-start";
import { healthOf } from "#local/health";
import { openHost } from "#local/host";
import { openStore } from "#local/open";
import { optionsOf } from "#local/options";
import { profileFolder } from "#local/profile";
import { startTimers, timersOf } from "#local/scheduler";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { runTimer } from "#timers";
import { mined } from "./points.ts";

/** Told to the test when calls are answered. */
export interface Ready {
  readonly url: string;
  readonly account: string;
  readonly home: string;
}

/** Told by the test: the clock jumps to so many milliseconds from the machine's. */
export interface Jump {
  readonly ahead: number;
}

/** What a server is told to do; it answers under the same number when it has. */
export type Order = { readonly number: number } & (
  | Jump
  /** Dies at the so-manieth point from now on. */
  | { readonly dieAt: number }
  /** Runs every timer once, as one process of many would. */
  | { readonly runTimers: true }
);

export interface Obeyed {
  readonly number: number;
  /** How many points were passed, or how much of what was due failed. */
  readonly count: number;
}

// A server whose test is gone is nobody's.
process.on("disconnect", () => process.exit(1));

const [folder = "", ahead = "0", told] = process.argv.slice(2);
let jumped = Number(ahead);
process.on("message", async (order: Order) => {
  const count = await obey(order);
  process.send?.({ number: order.number, count } satisfies Obeyed);
});
const now = () => new Date(Date.now() + jumped);

const operator = operatorLog("warn");
const options = optionsOf(["--data", folder, "--port", "0", "--quotas", "off"], {});
const store = await openStore(options, (cause) => {
  operator.error("store lost", { cause: String(cause) });
  process.exit(1);
});
const { root, meta } = store;
const { database, arm } = mined(store.database);
const { regions, quotas, sandbox } = options;
const host = await openHost({ database, roots: root, home: meta.home, regions, quotas, sandbox, operator, now });
await ensureAdministrator({ shared: host.shared, account: meta.account, home: meta.home, now: now(), profile: profileFolder(folder) });
const beside = [pageAt("/healthz", healthOf(database, meta.home, root.fingerprint, operator))];
const listening = await listen({ host: options.host, port: options.port, dispatch: host.dispatch, beside, operator });
const timers = told === undefined ? startTimers(host) : undefined;

async function obey(order: Order): Promise<number> {
  if ("ahead" in order) jumped = order.ahead;
  else if ("dieAt" in order) return arm(order.dieAt);
  else return runTimers();
  return 0;
}

/** Leases run by the clock that jumps: whoever died with one is not waited for. */
async function runTimers(): Promise<number> {
  const { keys } = timersOf(host);
  let failed = 0;
  for (const region of await keys.regions())
    for (const timer of keys.timers) failed += (await runTimer(timer, { ...keys.deps, wallClock: now }, region))?.failed ?? 0;
  return failed;
}

process.on("SIGTERM", async () => {
  await Promise.all([listening.stop(), timers?.stop()]);
  await database.close();
  process.exit(0);
});
flushCompileCache();
process.send?.({ url: listening.url, account: meta.account, home: meta.home } satisfies Ready);
