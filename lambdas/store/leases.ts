import { Conflict, type Table } from "./port.ts";

/** The right to do something alone, for a while. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly until: Date;
  readonly version: number;
}

/**
 * Leases of one Region.
 *
 * They spare work and settle nothing: clocks differ, so two may believe that they hold the same one, and what is done under a lease must bear
 * being done twice. Their rows carry no MAC: whoever could forge one could as well delete what it guards.
 */
export interface Leases {
  /** Takes the lease until then; undefined while it is held, by whomever. */
  take(name: string, holder: string, now: Date, until: Date): Promise<Lease | undefined>;
  /** Holds it until another time, unless somebody else has taken it. */
  hold(lease: Lease, until: Date): Promise<void>;
}

const rowKey = (name: string) => ({ pk: `TIMER#${name}`, sk: "LEASE" });

export function leasesOf(keys: Table): Leases {
  /** Undefined when somebody else was faster. */
  async function write({ name, holder, until }: Omit<Lease, "version">, replacing: number | undefined): Promise<Lease | undefined> {
    const version = (replacing ?? 0) + 1;
    try {
      await keys.put({ ...rowKey(name), version, body: JSON.stringify({ holder, until: until.getTime() }) }, replacing);
      return { name, holder, until, version };
    } catch (cause) {
      if (cause instanceof Conflict) return undefined;
      throw cause;
    }
  }

  return {
    async take(name, holder, now, until) {
      const row = await keys.get(rowKey(name));
      if (row && JSON.parse(row.body).until > now.getTime()) return undefined;
      return write({ name, holder, until }, row?.version);
    },

    async hold(lease, until) {
      await write({ ...lease, until }, lease.version);
    },
  };
}
