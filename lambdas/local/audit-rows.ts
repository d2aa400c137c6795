import type { DatabaseSync } from "node:sqlite";
import type { ChainedRow } from "#domain/chain";
import { sealName } from "#domain/seal";
import { unpackers } from "#store/drivers/sqlite-segments";

/** Partitions of what calls left, and the one of seals. */
export const RECORDS = /^\d{12}#\d{8}#\d+$/;
export const SEALS = "SEAL";

export interface Partition {
  readonly region: string;
  readonly pk: string;
}

/** The Regions and partitions of a log, records by day whatever their account: what a writer wrote comes nearly in its order. */
export function partitionsOf(log: DatabaseSync): readonly Partition[] {
  const next = log.prepare("SELECT region, pk FROM log WHERE (region, pk) > (?, ?) ORDER BY region, pk LIMIT 1");
  const found: Partition[] = [];
  for (let at = next.get("", ""); at; at = next.get(String(at["region"]), String(at["pk"])))
    found.push({ region: String(at["region"]), pk: String(at["pk"]) });
  const dayOf = ({ pk }: Partition) => pk.split("#")[1] ?? "";
  return found.toSorted((one, other) => (dayOf(one) < dayOf(other) ? -1 : dayOf(one) > dayOf(other) ? 1 : one.pk < other.pk ? -1 : 1));
}

/** Whether seals have expired already, and records with them, perhaps whole writers. */
export const lacksFirstSeals = (log: DatabaseSync): boolean =>
  log.prepare("SELECT MIN(sk) AS first FROM log WHERE pk = ? GROUP BY region HAVING first > ?").get(SEALS, sealName(1)) !== undefined;

/** The rows of a partition in the order of their keys; a body that cannot be read is empty. */
export function* rowsOf(log: DatabaseSync, { region, pk }: Partition): Generator<ChainedRow> {
  const select = log.prepare("SELECT sk, body FROM log WHERE region = ? AND pk = ? ORDER BY sk");
  select.setReturnArrays(true);
  const unpack = unpackers(log, "log")();
  for (const cells of select.iterate(region, pk)) {
    const [sk, body] = cells as unknown as readonly unknown[];
    yield { pk, sk: String(sk), body: unpack(region, pk, body) ?? "" };
  }
}
