import { randomUUID } from "node:crypto";
import type { QuotaProfile } from "#domain/quota-profiles";
import { FACES } from "#faces";
import type { OperatorLog } from "#pipeline";
import { assemble } from "#pipeline/assemble";
import { type Dispatcher, dispatcher } from "#pipeline/dispatch";
import { type Database, ensureDomainKeys, GLOBAL, openRegional, openShared, type Regional, type Roots, type Shared } from "#store";
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

/**
 * Everything of one process that is not the socket: opens the shared part now, and each Region when it is first called.
 * @throws {WrongRoot} when the store was made under another root.
 */
export async function openHost({ database, roots, regions, now = () => new Date(), ...options }: HostOptions): Promise<Host> {
  await ensureDomainKeys(database, GLOBAL, roots, now());
  const shared = await openShared(database, roots);
  const served = new Set(regions);
  const deps = assemble({
    ...options,
    version: VERSION,
    serves: (name) => served.has(name),
    shared,
    newUuid: randomUUID,
    shards: 1,
    now,
    async open(region, log) {
      await ensureDomainKeys(database, region, roots, now());
      return openRegional(database, region, roots, shared, log);
    },
  });
  await deps.region(options.home);
  return { shared, region: deps.region, dispatch: dispatcher(FACES, deps) };
}
