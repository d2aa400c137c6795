import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { OperatorLog } from "#pipeline";
import type { Dispatcher } from "#pipeline/dispatch";
import { operatorLog } from "#pipeline/operator-log";
import { requestId } from "#wire/request-id";
import { type Beside, pageAt } from "./beside.ts";
import { startDomainRotation } from "./domain-rotation.ts";
import { enterFips } from "./fips.ts";
import { credentialsIn, ensureAdministrator } from "./first-start.ts";
import { healthOf } from "./health.ts";
import { type Host, openHost } from "./host.ts";
import { callMetrics } from "./metrics.ts";
import { openStore } from "./open.ts";
import type { Options } from "./options.ts";
import { directPeer, peerBehind } from "./peer.ts";
import { exportsOf, profileFolder, shellLines, writeProfile } from "./profile.ts";
import { joinNodes } from "./quota-nodes.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { startTimers } from "./scheduler.ts";
import { type Sealing, startSealing } from "./sealing.ts";
import { listen } from "./server.ts";
import { isObserved, startTelemetry, type Watching, watchingBy } from "./telemetry.ts";
import { tlsFrom } from "./tls.ts";
import { VERSION } from "./version.ts";
import { announce, colleagues, isWorker, sharesPort, supervise } from "./workers.ts";

const BANNER = `
  ************************************************************
  *  SANDBOX: any credentials, no quotas, nothing is kept.   *
  *  For tests only.                                         *
  ************************************************************`;

/** `trent serve`: runs until it is told to stop, then finishes the calls in flight. */
export async function serve(options: Options): Promise<void> {
  const operator = operatorLog(options.logLevel);
  if (options.workers > 1 && !isWorker()) return supervise(options, operator);
  if (options.fips) enterFips(options);
  const tls = options.tls && tlsFrom(options.tls);
  const metrics = callMetrics(options.metricsToken, colleagues());
  const telemetry = isObserved(process.env) ? await startTelemetry(process.env, operator) : undefined;
  const watching = watchingBy(metrics.count, telemetry);
  const served = options.sandbox ? await sandboxed(options, operator, watching) : await kept(options, operator, watching);
  if (served.host) metrics.watch(served.host);
  const beside = [...served.beside, metrics.page];
  const peerOf = options.behindProxy ? peerBehind(options.behindProxy) : directPeer;
  const { host, port } = options;
  const listening = await listen({ host, port, shared: sharesPort(), dispatch: served.dispatch, beside, operator, tls, peerOf });
  const parts = served.start(listening.url);
  stopOnSignal([listening, ...parts], async () => {
    await Promise.all([served.close(), telemetry?.stop()]);
  });
  announce([...served.lines(), `trent ${VERSION} ready on ${listening.url}`]);
}

/** What is behind the socket. */
interface Served {
  /** Absent where it changes. */
  readonly host?: Host;
  readonly dispatch: Dispatcher;
  readonly beside: readonly Beside[];
  /** Does what waits until there is an address; answers what runs then, to be stopped with the socket. */
  start(url: string): readonly { stop(): Promise<void> }[];
  /** When all has been stopped. */
  close(): Promise<void>;
  /** What people are told. */
  lines(): readonly string[];
}

async function sandboxed(options: Options, operator: OperatorLog, watching: Watching): Promise<Served> {
  const sandbox = await openSandbox(options, operator, watching);
  return { ...sandbox, start: () => [], lines: () => [BANNER, ...factsOf(sandbox)] };
}

const factsOf = ({ fingerprint, account, home }: Pick<Sandbox, "fingerprint" | "account" | "home">): readonly string[] => [
  `root ${fingerprint}`,
  `account ${account}, home Region ${home}`,
];

/** What outlives the process: in a folder, or in the tables of a DynamoDB. */
async function kept(options: Options, operator: OperatorLog, watching: Watching): Promise<Served> {
  const lost = (cause: Error): never => {
    // Nothing can be written any more: better no server than one that refuses everything.
    operator.error("store lost", { cause: String(cause) });
    process.exit(1);
  };
  const { database, root, meta, folder, shards, prepare } = await openStore(options, lost);
  const { home, account } = meta;
  const { regions, quotas, logDays: retention, domainRotationDays: days, fips } = options;
  const failed = (cause: unknown) => operator.warn("other servers not counted", { cause: String(cause) });
  const nodes = await joinNodes(database.table("quotas", home), { id: randomUUID(), now: Date.now, failed });
  const parts = {
    database,
    roots: root,
    home,
    regions,
    quotas,
    // Its own processes share from the start, before they have heard of each other.
    sharers: () => Math.max(nodes.count(), options.workers),
    sandbox: false,
    fips,
    operator,
    ...watching,
    shards,
    prepare,
    retention,
  };
  const host = await openHost(parts).catch(async (cause: unknown) => {
    await database.close();
    throw cause;
  });
  const profile = profileFolder(folder);
  await ensureAdministrator({ shared: host.shared, account, home, now: new Date(), profile });
  let sealing: Sealing | undefined;
  return {
    host,
    dispatch: host.dispatch,
    beside: [pageAt("/healthz", healthOf(database, home, root.fingerprint, operator))],
    start(url) {
      writeProfile(folder, home, url);
      sealing = startSealing({ database, folder, operator });
      const now = () => new Date();
      const deps = { database, roots: root, region: home, home, shards, now, newId: () => requestId(now()), operator };
      return [startTimers(host), nodes, ...(days === undefined ? [] : [startDomainRotation(folder, deps, days)])];
    },
    async close() {
      await host.settle();
      // When nobody writes any more.
      await sealing?.stop();
      await database.close();
    },
    lines: () => [...factsOf({ fingerprint: root.fingerprint, account, home }), `data ${folder}`, ...whatNext(folder)],
  };
}

const whatNext = (folder: string): readonly string[] =>
  existsSync(credentialsIn(profileFolder(folder)))
    ? ["", "In another shell:", "", shellLines(exportsOf(folder)), "aws kms create-key", ""]
    : ["The access key is with the server that was started first: copy its data folder's aws/credentials."];

/** Those who ask a process to stop kill it soon after. */
const PATIENCE_MS = 4_800;

function stopOnSignal(parts: readonly { stop(): Promise<void> }[], close: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // What is not done by now is as good as killed: nothing that was acknowledged depends on it.
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    Promise.all(parts.map((part) => part.stop()))
      .then(close)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
