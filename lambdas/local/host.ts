import { randomUUID } from "node:crypto";
import type { QuotaPort } from "#domain/quota";
import type { QuotaProfile } from "#domain/quota-profiles";
import type { QuotaPool } from "#domain/quota-sharing";
import type { Retention } from "#domain/retention";
import type { Issuers } from "#domain/web-identity";
import { FACES } from "#faces";
import { openIdIssuers } from "#issuers/open-id";
import type { OperatorLog } from "#pipeline";
import { assemble } from "#pipeline/assemble";
import { type Dispatcher, dispatcher } from "#pipeline/dispatch";
import type { Metrics } from "#pipeline/metrics";
import { recordThrottled } from "#pipeline/throttled-calls";
import type { Tracing } from "#pipeline/trace";
import {
  type Database,
  DomainKeysMissing,
  ensureDomainKeys,
  GLOBAL,
  type OpenShared,
  openRegional,
  openShared,
  type Regional,
  type Roots,
} from "#store";
import { domainKeys } from "#store/domain-keys";
import { leasesOf } from "#store/leases";
import { quotaPool } from "#store/quotas";
import { replication, runDue, type TimerDeps } from "#timers";
import { nudges } from "./nudges.ts";
import { openSigner } from "./signer.ts";
import { VERSION } from "./version.ts";

/** The threads are the process's, however many hosts it has had. */
const signer = openSigner();
/** Calls of a flood that wait for their refusal: sockets that are open, and little else. */
const MAY_WAIT = 1000;

/** What a host is made of. Tests pass their own clock; the shipped command has no way to. */
export interface HostOptions {
  readonly database: Database;
  readonly roots: Roots;
  readonly home: string;
  readonly regions: readonly string[];
  readonly quotas: QuotaProfile;
  /** How many processes share the quotas, if not this one alone. */
  readonly sharers?: (() => number) | undefined;
  readonly sandbox: boolean;
  /** What FIPS 140-3 does not approve is refused. */
  readonly fips?: boolean | undefined;
  readonly operator: OperatorLog;
  /** Absent where calls are not counted. */
  readonly metrics?: Metrics;
  /** Absent where nobody asks where the time of calls goes. */
  readonly tracing?: Tracing;
  /** Who else may vouch for callers: OpenID Connect providers, unless a test has its own. */
  readonly issuers?: Issuers;
  /** Partitions that a day's records are spread over; 1 by default, which is right for a database in one file. */
  readonly shards?: number;
  /** How long records are kept; 90 days by default. */
  readonly retention?: Retention;
  /** Makes room for a Region before its first use. */
  readonly prepare?: ((region: string) => Promise<void>) | undefined;
  /** Says whether Trent is in a Region, where others serve it. */
  readonly isRegion?: (region: string) => boolean;
  /** The time that keys live in. */
  readonly now?: () => Date;
  /** The time that signatures are checked against. */
  readonly wallClock?: () => Date;
}

export interface Host {
  readonly shared: OpenShared;
  readonly quotas: QuotaPort;
  /** The Regions that this process has opened. */
  readonly opened: ReadonlyMap<string, Regional>;
  readonly region: (name: string) => Promise<Regional>;
  readonly dispatch: Dispatcher;
  readonly timers: TimerDeps;
  /** The Regions that were called before, by whomever. */
  readonly regionsInUse: () => Promise<readonly string[]>;
  /** Writes down what is only counted so far, when no more calls come. */
  readonly settle: () => Promise<void>;
}

/**
 * Everything of one process that is not the socket: opens the shared part now, and each Region when it is first called.
 * @throws {WrongRoot} when the store was made under another root.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const {
    database,
    roots,
    regions,
    prepare = async () => undefined,
    shards = 1,
    now = () => new Date(),
    sharers,
    issuers = openIdIssuers(),
    ...parts
  } = options;
  await ensureDomainKeys(database, GLOBAL, roots, now());
  const related = nudges(synchronize);
  const shared = await openShared(database, roots, related.nudge);
  const served = new Set(regions);
  const opened = new Map<string, Regional>();
  const deps = assemble({
    ...parts,
    version: VERSION,
    issuers,
    signer,
    serves: (name) => served.has(name),
    shared,
    newUuid: randomUUID,
    sharing: sharers && { poolOf: poolsOf(database), sharers },
    shards,
    mayWait: MAY_WAIT,
    now,
    async open(region, log) {
      await prepare(region);
      await ensureDomainKeys(database, region, roots, now());
      const regional = await openRegional(database, region, roots, shared, log);
      opened.set(region, regional);
      return regional;
    },
  });
  await deps.region(options.home);

  const used = new Set([options.home]);
  async function isInUse(region: string): Promise<boolean> {
    if (used.has(region)) return true;
    const found = await domainKeys(database, region, roots)
      .current("mac")
      .then(() => true, isAbsence);
    // What other Regions have left for it to do is done, though nobody has called it yet.
    const isAwaited = !found && (await shared.multiRegion(region).notes({ limit: 1 })).length > 0;
    if (isAwaited) return true;
    if (found) used.add(region);
    return found;
  }

  const timers: TimerDeps = { ...deps, leases: (region) => leasesOf(database.table("keys", region)), holder: randomUUID() };

  /** Related keys of a process's own Regions learn of each other at once. */
  async function synchronize(region: string): Promise<void> {
    if (!served.has(region)) return;
    await runDue(replication, timers, region).catch((cause: unknown) =>
      parts.operator.error("timer failed", { timer: replication.name, region, cause: String(cause) }),
    );
  }

  return {
    shared,
    quotas: deps.quotas,
    opened,
    region: deps.region,
    dispatch: dispatcher(FACES, deps),
    timers,
    async regionsInUse() {
      const inUse = await Promise.all(regions.map(isInUse));
      return regions.filter((_, index) => inUse[index]);
    },
    async settle() {
      await related.settled();
      await recordThrottled(deps);
    },
  };
}

/** One pool a Region: it remembers what it has seen. */
function poolsOf(database: Database): (region: string) => QuotaPool {
  const pools = new Map<string, QuotaPool>();
  return (region) => {
    const pool = pools.get(region) ?? quotaPool(database.table("quotas", region));
    pools.set(region, pool);
    return pool;
  };
}

/** That there is nothing for a Region: no keys, or not even tables. */
function isAbsence(cause: unknown): false {
  if (cause instanceof DomainKeysMissing || (cause instanceof Error && cause.name === "ResourceNotFoundException")) return false;
  throw cause;
}
