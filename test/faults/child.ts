/**
 * The real server on a data folder, with SQLite and a clock of the test's own, to be killed: `child.ts <folder> <ahead>`.
 *
 * It is made of the parts that `trent serve` is made of; only the clock, `ahead` milliseconds from the machine's, is passed in, for which the
 * shipped command has no switch.
 */

import { pageAt } from "#local/beside";
import { ensureAdministrator } from "#local/first-start";
import { healthOf } from "#local/health";
import { openHost } from "#local/host";
import { openStore } from "#local/open";
import { optionsOf } from "#local/options";
import { profileFolder } from "#local/profile";
import { startTimers } from "#local/scheduler";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";

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

// A server whose test is gone is nobody's.
process.on("disconnect", () => process.exit(1));

const [folder = "", ahead = "0"] = process.argv.slice(2);
let jumped = Number(ahead);
process.on("message", (jump: Jump) => {
  jumped = jump.ahead;
});
const now = () => new Date(Date.now() + jumped);

const operator = operatorLog("warn");
const options = optionsOf(["--data", folder, "--port", "0", "--quotas", "off"], {});
const store = await openStore(options, (cause) => {
  operator.error("store lost", { cause: String(cause) });
  process.exit(1);
});
const { database, root, meta } = store;
const { regions, quotas, sandbox } = options;
const host = await openHost({ database, roots: root, home: meta.home, regions, quotas, sandbox, operator, now });
await ensureAdministrator({ shared: host.shared, account: meta.account, home: meta.home, now: now(), profile: profileFolder(folder) });
const beside = [pageAt("/healthz", healthOf(database, meta.home, root.fingerprint, operator))];
const listening = await listen({ host: options.host, port: options.port, dispatch: host.dispatch, beside, operator });
const timers = startTimers(host);

process.on("SIGTERM", async () => {
  await Promise.all([listening.stop(), timers.stop()]);
  await database.close();
  process.exit(0);
});
process.send?.({ url: listening.url, account: meta.account, home: meta.home } satisfies Ready);
