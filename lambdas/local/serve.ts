import { existsSync } from "node:fs";
import { operatorLog } from "#pipeline/operator-log";
import type { Database } from "#store";
import { TIMERS } from "#timers";
import { credentialsIn, ensureAdministrator } from "./first-start.ts";
import { healthOf } from "./health.ts";
import { openHost } from "./host.ts";
import { openStore } from "./open.ts";
import type { Options } from "./options.ts";
import { directPeer, peerBehind } from "./peer.ts";
import { exportsOf, profileFolder, shellLines, writeProfile } from "./profile.ts";
import { type Scheduler, startScheduler } from "./scheduler.ts";
import { type Listening, listen } from "./server.ts";
import { tlsFrom } from "./tls.ts";
import { VERSION } from "./version.ts";

const BANNER = `
  ************************************************************
  *  SANDBOX: any credentials, no quotas, nothing is kept.   *
  *  For tests only.                                         *
  ************************************************************`;

/** `trent serve`: runs until it is told to stop, then finishes the calls in flight. */
export async function serve(options: Options): Promise<void> {
  const operator = operatorLog(options.logLevel);
  const lost = (cause: Error): never => {
    // Nothing can be written any more: better no server than one that refuses everything.
    operator.error("store lost", { cause: String(cause) });
    process.exit(1);
  };
  const tls = options.tls && tlsFrom(options.tls);
  const { database, root, meta, folder, shards, prepare } = await openStore(options, lost);
  const host = await openHost({
    database,
    roots: root,
    home: meta.home,
    regions: options.regions,
    quotas: options.quotas,
    sandbox: options.sandbox,
    operator,
    shards,
    prepare,
  }).catch(async (cause: unknown) => {
    await database.close();
    throw cause;
  });
  if (folder !== undefined) {
    await ensureAdministrator({
      shared: host.shared,
      account: meta.account,
      home: meta.home,
      now: new Date(),
      profile: profileFolder(folder),
    });
  }
  const health = healthOf(database, meta.home, root.fingerprint, operator);
  const peerOf = options.behindProxy ? peerBehind(options.behindProxy) : directPeer;
  const listening = await listen({ host: options.host, port: options.port, dispatch: host.dispatch, health, operator, tls, peerOf });
  if (folder !== undefined) writeProfile(folder, meta.home, listening.url);
  const scheduler = startScheduler({ timers: TIMERS, deps: host.timers, regions: host.regionsInUse });
  stopOnSignal(listening, scheduler, database);
  announce(listening, folder, meta, root.fingerprint);
}

function announce(
  listening: Listening,
  folder: string | undefined,
  meta: { readonly home: string; readonly account: string },
  root: string,
): void {
  const lines = [`root ${root}`, `account ${meta.account}, home Region ${meta.home}`];
  if (folder === undefined) lines.unshift(BANNER);
  else if (existsSync(credentialsIn(profileFolder(folder))))
    lines.push(`data ${folder}`, "", "In another shell:", "", shellLines(exportsOf(folder)), "aws kms create-key", "");
  else lines.push(`data ${folder}`, "The access key is with the server that was started first: copy its data folder's aws/credentials.");
  process.stdout.write(`${lines.join("\n")}\ntrent ${VERSION} ready on ${listening.url}\n`);
}

/** Those who ask a process to stop kill it soon after. */
const PATIENCE_MS = 4_800;

function stopOnSignal(listening: Listening, scheduler: Scheduler, database: Database): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // What is not done by now is as good as killed: nothing that was acknowledged depends on it.
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    Promise.all([listening.stop(), scheduler.stop()])
      .then(() => database.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
