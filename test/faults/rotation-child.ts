/**
 * A rotation beside servers, to be killed: `rotation-child.ts <folder> <domain|root> [point]`, where it kills itself. It is what `trent domain rotate` and `trent root rotate` do,
 * but for how long it waits for what is in flight: nothing is made to stand still here.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "#local/open";
import { optionsOf } from "#local/options";
import { regionsIn } from "#local/regions-in";
import { rotatingAlone } from "#local/rotating-alone";
import { rotateDomainKeys } from "#operator/domain-rotate";
import { rotateRoot } from "#operator/root-rotate";
import { operatorLog } from "#pipeline/operator-log";
import { endReplacing, plain, replaceRootFile } from "#roots/file";
import { requestId } from "#wire/request-id";
import { mined } from "./points.ts";

const IN_FLIGHT_MS = 1_000;

const [folder = "", kind, point = "0"] = process.argv.slice(2);
const path = join(folder, "root.key");
const { root, meta, ...store } = await openStore(optionsOf(["--data", folder], {}), () => process.exit(1));
const { database, arm } = mined(store.database);
arm(Number(point));
const now = () => new Date();
const { home } = meta;
const deps = { database, roots: root, region: home, home, shards: 1, now, newId: () => requestId(now()), operator: operatorLog("warn") };
const rotating = { settle: () => pause(IN_FLIGHT_MS), regions: () => regionsIn(folder) };
const replacing = { ...rotating, begin: () => replaceRootFile(path, plain), end: () => endReplacing(path) };
await rotatingAlone(folder, async () => {
  if (kind === "root") await rotateRoot(deps, replacing);
  else await rotateDomainKeys(deps, rotating);
});
await database.close();
