import { randomUUID } from "node:crypto";
import { memoryQuotas } from "#domain/quota";
import type { QuotaProfile } from "#domain/quota-profiles";
import { FACES } from "#faces";
import { type Deps, floodGuard, type OperatorLog } from "#pipeline";
import { type Dispatcher, dispatcher } from "#pipeline/dispatch";
import { type Database, ensureDomainKeys, GLOBAL, openRegional, openShared, type Regional, type Roots, type Shared } from "#store";
import { requestId } from "#wire/request-id";
import { signingKeyCache } from "#wire/sigv4";
import { VERSION } from "./version.ts";

/** What a host is made of. Tests pass their own clock; the shipped command has no way to. */
export interface HostOptions {
  readonly database: Database;
  readonly roots: Roots;
  readonly home: string;
  readonly regions: readonly string[];
  readonly quotas: QuotaProfile;
  readonly sandbox: boolean;
  readonly operator: OperatorLog;
  /** The time that keys live in. */
  readonly now?: () => Date;
  /** The time that signatures are checked against. */
  readonly wallClock?: () => Date;
}

export interface Host {
  readonly shared: Shared;
  readonly region: (name: string) => Promise<Regional>;
  readonly dispatch: Dispatcher;
}

/** Derived signing keys kept by a process. */
const SIGNING_KEYS_KEPT = 10_000;
/** Rows of the log are kept so many days. @see AWS CloudTrail User Guide: event history shows 90 days. */
const LOG_DAYS = 90;

/**
 * Everything of one process that is not the socket: opens the shared part now, and each Region when it is first called.
 * @throws {WrongRoot} when the store was made under another root.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const { database, roots, home, regions, quotas, sandbox, operator, now = () => new Date(), wallClock = () => new Date() } = options;
  await ensureDomainKeys(database, GLOBAL, roots, now());
  const shared = await openShared(database, roots);
  const opened = new Map<string, Promise<Regional>>();

  async function open(region: string): Promise<Regional> {
    await ensureDomainKeys(database, region, roots, now());
    return openRegional(database, region, roots, shared, { shards: 1, days: LOG_DAYS, newWriter: randomUUID });
  }

  function region(name: string): Promise<Regional> {
    const known = opened.get(name);
    if (known) return known;
    const opening = open(name);
    opened.set(name, opening);
    opening.catch(() => opened.delete(name));
    return opening;
  }

  await region(home);
  const served = new Set(regions);
  const deps: Deps = {
    version: VERSION,
    sandbox,
    home,
    serves: (name) => served.has(name),
    shared,
    region,
    quotas: memoryQuotas(quotas),
    flood: floodGuard(operator, wallClock),
    signingKeys: signingKeyCache(SIGNING_KEYS_KEPT),
    now,
    wallClock,
    newId: () => requestId(wallClock()),
    newUuid: randomUUID,
    operator,
  };
  return { shared, region, dispatch: dispatcher(FACES, deps) };
}
