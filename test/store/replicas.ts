/** A global table as DynamoDB replicates it: each Region writes its own copy, and what it wrote reaches the others later, in any order. */

import { openSqlite } from "#store/drivers/sqlite";
import type { Database, Row, RowKey, Table } from "#store/port";
import { Conflict } from "#store/port";

/** What one Region has written, on its way to another. */
interface Sent {
  readonly to: string;
  readonly key: RowKey;
  /** Absent: it was deleted. */
  readonly row?: Row;
  readonly stamp: number;
}

export interface Replicas {
  /** The database as a Region sees it. */
  in(region: string): Database;
  /** How much is on its way. */
  pending(): number;
  /** Lets something of it arrive. @param choose which, of so many */
  deliver(choose: (count: number) => number): Promise<void>;
  close(): Promise<void>;
}

/**
 * `shared-keys` in a copy for each Region; the last writer wins, by the clock of its Region. All else is one database, as if it were replicated
 * at once.
 * @param skew milliseconds that a Region's clock is ahead
 * @see Amazon DynamoDB Developer Guide, "Global tables: multi-Region replication", "Conflict resolution"
 */
export function replicasOf(regions: readonly string[], skew: (region: string) => number = () => 0): Replicas {
  const common = openSqlite({ memory: true });
  const copies = new Map(regions.map((region) => [region, openSqlite({ memory: true })]));
  const stamps = new Map<string, number>();
  const sent: Sent[] = [];
  let time = 0;
  const id = (region: string, { pk, sk }: RowKey) => `${region}\n${pk}\n${sk}`;
  const copyOf = (region: string): Table => (copies.get(region) as Database).table("shared-keys", "global");

  function send(from: string, key: RowKey, row?: Row): void {
    const stamp = ++time + skew(from);
    stamps.set(id(from, key), stamp);
    for (const to of regions) if (to !== from) sent.push({ to, key: { pk: key.pk, sk: key.sk }, stamp, ...(row && { row }) });
  }

  async function arrive({ to, key, row, stamp }: Sent): Promise<void> {
    if ((stamps.get(id(to, key)) ?? 0) > stamp) return;
    stamps.set(id(to, key), stamp);
    const copy = copyOf(to);
    const there = await copy.get(key);
    if (row) await copy.put(row, there?.version);
    else if (there) await copy.delete(key, there.version);
  }

  return {
    in: (region) => ({
      table(name, of) {
        if (name !== "shared-keys") return common.table(name, of);
        const own = copyOf(region);
        return {
          ...own,
          async put(row, replacing) {
            await own.put(row, replacing);
            send(region, row, row);
          },
          async delete(key, version) {
            await own.delete(key, version);
            send(region, key);
          },
        };
      },
      close: async () => undefined,
    }),
    pending: () => sent.length,
    async deliver(choose) {
      const [one] = sent.splice(choose(sent.length), 1);
      if (one) await arrive(one).catch((cause: unknown) => (cause instanceof Conflict ? void sent.push(one) : Promise.reject(cause)));
    },
    async close() {
      for (const database of [common, ...copies.values()]) await database.close();
    },
  };
}
