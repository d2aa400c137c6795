/** The real server, whole, with SQLite in a folder and a clock of its own: started by the fault tests as a process that they may kill. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { ensureAdministrator } from "#local/first-start";
import { healthOf } from "#local/health";
import { openHost } from "#local/host";
import { profileFolder } from "#local/profile";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { ensureRootFile, rootFromFile } from "#roots/file";
import { ensureMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";

/** From the test: moves the clock that keys live in. */
export interface Advance {
  readonly advanceSeconds: number;
}
/** To the test: the server listens. */
export interface Ready {
  readonly url: string;
}

const HOME = "us-east-1";
const ACCOUNT = "111122223333";

const [folder = ""] = process.argv.slice(2);
let ahead = 0;
const now = (): Date => new Date(Date.now() + ahead);
process.on("message", ({ advanceSeconds }: Advance) => {
  ahead += advanceSeconds * 1000;
});

mkdirSync(folder, { recursive: true, mode: 0o700 });
const rootFile = join(folder, "root.key");
ensureRootFile(rootFile);
const roots = rootFromFile(rootFile);
const operator = operatorLog("warn");
const database = openSqlite({ folder }, (cause) => {
  operator.error("store lost", { cause: String(cause) });
  process.exit(1);
});
const { home, account } = await ensureMeta(database, roots, { home: HOME, account: ACCOUNT }, now());
const host = await openHost({ database, roots, home, regions: REGIONS, quotas: QUOTA_PROFILES.off, sandbox: false, operator, now });
await ensureAdministrator({ shared: host.shared, account, home, now: now(), profile: profileFolder(folder) });
const health = healthOf(database, home, roots.fingerprint, operator);
const { url, stop } = await listen({ host: "127.0.0.1", port: 0, dispatch: host.dispatch, health, operator });
process.on("SIGTERM", async () => {
  await stop();
  await database.close();
  process.exit(0);
});
// A test that is gone needs no server.
process.on("disconnect", () => process.exit(1));
process.send?.({ url } satisfies Ready);
