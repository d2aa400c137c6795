import type { QuotaProfile } from "#domain/quota-profiles";
import { quotasOf, type Sharing } from "#domain/quota-sharing";
import { RETENTION, type Retention } from "#domain/retention";
import type { Regional } from "#store";
import { requestId } from "#wire/request-id";
import { signingKeyCache } from "#wire/sigv4";
import type { Deps } from "./deps.ts";
import { floodGuard } from "./flood.ts";

/** What one host has or does in another way than the others. */
export interface HostParts
  extends Pick<
    Deps,
    "version" | "sandbox" | "fips" | "home" | "serves" | "shared" | "issuers" | "signer" | "operator" | "metrics" | "tracing" | "newUuid"
  > {
  readonly quotas: QuotaProfile;
  /** By default the Regions that are served. */
  readonly isRegion?: Deps["isRegion"] | undefined;
  /** With whom the quotas are shared; absent: with nobody. */
  readonly sharing?: Sharing | undefined;
  /** Partitions that a day's records are spread over. */
  readonly shards: number;
  /** How long rows of the log are kept; by default 90 days. */
  readonly retention?: Retention | undefined;
  /** Calls of a flood that may wait for their refusal; by default none, as a function is paid for while it waits. */
  readonly mayWait?: number | undefined;
  /** Opens one Region's part of the store, with a log that is written so. */
  readonly open: (region: string, log: LogRules) => Promise<Regional>;
  /** The time that keys live in; by default that of the machine. */
  readonly now?: (() => Date) | undefined;
  /** The time that signatures are checked against; by default that of the machine. */
  readonly wallClock?: (() => Date) | undefined;
}

interface LogRules extends Retention {
  readonly shards: number;
  readonly newWriter: () => string;
}

/** Derived signing keys kept by a process. */
const SIGNING_KEYS_KEPT = 10_000;

/** Makes what the path of every call needs. A Region is opened when it is first called; what fails is tried again by the next call. */
export function assemble({
  quotas,
  sharing,
  shards,
  retention = RETENTION,
  mayWait = 0,
  open,
  now = clock,
  wallClock = clock,
  isRegion,
  ...parts
}: HostParts): Deps {
  const opened = new Map<string, Promise<Regional>>();

  function region(name: string): Promise<Regional> {
    const known = opened.get(name);
    if (known) return known;
    const opening = open(name, { shards, ...retention, newWriter: parts.newUuid });
    opened.set(name, opening);
    opening.catch(() => opened.delete(name));
    return opening;
  }

  return {
    ...parts,
    isRegion: isRegion ?? parts.serves,
    region,
    quotas: quotasOf(quotas, sharing),
    flood: floodGuard(parts.operator, wallClock, mayWait),
    signingKeys: signingKeyCache(SIGNING_KEYS_KEPT),
    now,
    wallClock,
    newId: () => requestId(wallClock()),
  };
}

const clock = (): Date => new Date();
