import type { QuotaPort } from "#domain/quota";
import type { Issuers } from "#domain/web-identity";
import type { Signer } from "#operation";
import type { Regional, Shared } from "#store";
import type { SigningKeyCache } from "#wire/sigv4";
import type { Flood } from "./flood.ts";
import type { Metrics } from "./metrics.ts";
import type { OperatorLog } from "./operator-log.ts";
import type { Tracing } from "./trace.ts";

/** The only thing in which a Lambda function and the local server differ. */
export interface Deps {
  /** Sent with every answer as `x-trent-version`. */
  readonly version: string;
  /** Unsigned calls and any credentials are taken, and principals come into being by being used. */
  readonly sandbox: boolean;
  /** What FIPS 140-3 does not approve is refused. */
  readonly fips?: boolean | undefined;
  /** The Region of calls that name none. */
  readonly home: string;
  readonly serves: (region: string) => boolean;
  /** Says whether Trent is in a Region, be it served by others. */
  readonly isRegion: (region: string) => boolean;
  readonly shared: Shared;
  /** Absent where nobody can call by the word of an identity provider. */
  readonly issuers?: Issuers;
  /** Opens a Region at its first use. */
  readonly region: (name: string) => Promise<Regional>;
  readonly quotas: QuotaPort;
  readonly flood: Flood;
  /** Signing keys that were derived before. */
  readonly signingKeys: SigningKeyCache;
  /** The time that keys live in: a sandbox may move it. */
  readonly now: () => Date;
  /** The time that signatures are checked against and quotas run by. */
  readonly wallClock: () => Date;
  /** A new request id: UUIDv7, so ids sort by time. */
  readonly newId: () => string;
  /** A new random UUID, for key ids. */
  readonly newUuid: () => string;
  /** Absent where one call is served at a time. */
  readonly signer?: Signer;
  readonly operator: OperatorLog;
  /** Absent where calls are not counted. */
  readonly metrics?: Metrics;
  /** Absent where nobody asks where the time of calls goes. */
  readonly tracing?: Tracing;
}
